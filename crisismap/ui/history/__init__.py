"""The map at an earlier moment: the slider, its numbers and what was known then."""
