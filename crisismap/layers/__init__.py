"""Official layers: files of any kind in, versions of valid WGS 84 features out; foreign formats in a sandbox."""
