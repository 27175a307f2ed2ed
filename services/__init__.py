"""The edges: what talks to people, to departments and to machines."""
