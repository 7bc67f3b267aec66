"""Official layers: files in many formats to versions of valid WGS 84 features; foreign formats in a sandbox."""
