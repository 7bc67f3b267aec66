"""The Situation page: findings, charts and tables."""
