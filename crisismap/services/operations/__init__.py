"""Use cases of the operator: backup, restore, retention, audit and quarantine."""
