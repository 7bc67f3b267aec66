"""The use cases, one verb each. The desk, the plain pages, the API and the commands call these."""
