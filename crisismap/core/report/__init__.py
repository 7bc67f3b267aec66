"""Reports and requests: what a person sends, what is kept of it, and the life of a request."""
