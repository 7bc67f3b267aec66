"""The Admin page: people, credentials, sources and the audit log."""
