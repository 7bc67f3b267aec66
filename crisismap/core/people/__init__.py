"""People: accounts, permissions, skills, ids and sender fingerprints."""
