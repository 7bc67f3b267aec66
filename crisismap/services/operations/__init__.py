"""Use cases of whoever runs the deployment: copies of the database, retention, audit."""
