"""Programs that crisismap is measured against: plain ones as in tutorials, and limits of the machine."""
