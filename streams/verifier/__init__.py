"""Proves that the projection equals the fold of the log, with a reader of its own."""

from streams.verifier.verify import main

__all__ = ["main"]
