"""What people do with one report or request, one at a time or in bulk."""
