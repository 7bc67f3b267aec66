"""The use cases, one verb each. Every door (desk, pages, API, command line) goes through these."""
