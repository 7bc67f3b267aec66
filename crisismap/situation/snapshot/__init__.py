"""The snapshot: the situation of one revision in a file, so that a start reads it instead of every report."""
