"""Operation of a deployment: backup, restore, retention, audit and quarantine."""
