"""A city's policy files, read with their mistakes named, and closed into a value."""
