"""The names of the program's own channels; `CHANNELS` has their labels."""

API, CALL, DESK, FILE, WEB = "api", "call", "desk", "file", "web"
