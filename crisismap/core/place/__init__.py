"""Places: points, distances, written coordinates and place names."""
