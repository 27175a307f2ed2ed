"""Brings to each department's topic what became effective for it, in order, repeated only by id."""

from streams.dispatcher.worker import run

__all__ = ["run"]
