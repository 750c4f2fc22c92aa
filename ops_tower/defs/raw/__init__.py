"""The six raw tables, what was refused, and where they came from."""
