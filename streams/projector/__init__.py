"""Keeps the projection equal to the fold of the log, with its position in one transaction."""

from streams.projector.start import run

__all__ = ["run"]
