"""HTTP for programs, and the front that every request passes first."""
