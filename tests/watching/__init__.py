"""A known day of a running city, watched by a real Prometheus."""
