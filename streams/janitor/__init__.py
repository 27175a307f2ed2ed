"""Takes away what has served its time: raw messages with an outcome, and erased people's keys."""

from streams.janitor.worker import run

__all__ = ["run"]
