"""Brings an installation to the state that its tables ask for: topics, tables, policies, keys."""
