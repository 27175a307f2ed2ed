"""Answers for every position of every inbox: each has an outcome, or is sent to repair."""

from streams.accountant.worker import run

__all__ = ["run"]
