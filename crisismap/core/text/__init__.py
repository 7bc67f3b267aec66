"""Free text: what can be stored, and how it is searched."""
