"""The columns that every list, count, filter and export is read from."""
