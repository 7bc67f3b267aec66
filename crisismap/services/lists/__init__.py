"""Lists, searches and numbers, each read from one audience's columns."""
