"""Persistence: one Store on SQLAlchemy Core, on SQLite by default or PostgreSQL with PostGIS."""
