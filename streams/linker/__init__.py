"""Finds which new cases report what an earlier one reports already, and has them follow it."""

from streams.linker.worker import run

__all__ = ["run"]
