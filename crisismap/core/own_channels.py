"""The names of the built-in channels; `CHANNELS` has their labels."""

API, CALL, DESK, FILE, WEB = "api", "call", "desk", "file", "web"
