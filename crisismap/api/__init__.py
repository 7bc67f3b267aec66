"""The HTTP API, and the outermost middleware that every request passes first."""
