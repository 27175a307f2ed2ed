"""Traces through a whole running Peygir."""
