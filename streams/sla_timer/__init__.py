"""Announces what is due: warnings and breaches, never early, once by id, late only by the tick."""

from streams.sla_timer.worker import run

__all__ = ["run"]
