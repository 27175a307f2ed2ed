"""Writes `docs/access.md` anew: `python -m tests.access`."""

from tests.access.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
