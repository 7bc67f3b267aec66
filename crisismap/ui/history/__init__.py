"""The map at an earlier time: the slider, the numbers and what was known then."""
