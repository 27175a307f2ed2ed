"""The stateless workers that turn what lies in the inboxes into facts of the log."""

from streams.router.entry import run

__all__ = ["run"]
