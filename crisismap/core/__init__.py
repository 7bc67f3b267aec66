"""Domain types and rules, pure: no files, no network, no clock; time and ids are passed in."""
