"""Files of reports: GeoJSON, newline GeoJSON and CSV, read row by row by a mapping or by the names of the API."""
