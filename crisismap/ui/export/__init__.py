"""The Export page: choices, preview and downloads."""
