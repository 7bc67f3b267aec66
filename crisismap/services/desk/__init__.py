"""What dispatchers keep for their own work."""
