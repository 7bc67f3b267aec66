"""Reading files from strangers in a child process without network, files or privileges."""
