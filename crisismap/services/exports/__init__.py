"""Exported files: print sheet, offline map and their data notice."""
