"""State and limits that every use case shares while a deployment is open."""
