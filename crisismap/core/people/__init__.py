"""People: accounts, permissions, skills, ids and fingerprints of senders."""
