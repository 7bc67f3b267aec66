"""The Admin page: people, incident, credentials, sources and the audit log."""
