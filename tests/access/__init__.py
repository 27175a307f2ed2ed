"""The access matrix: every role, route, deed and case, and what comes of it."""
