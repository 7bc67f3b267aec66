"""The Export page: options, preview and downloads."""
