"""Files of reports: GeoJSON, newline-delimited GeoJSON and CSV, read row by row with a mapping or API names."""
