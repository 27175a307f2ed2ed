"""The newest changes in memory, in the order this process learned them, for all its watchers."""

from services.api.changes.cursor import Cursor
from services.api.changes.page import Change, Page, changes
from services.api.changes.wanted import Wanted

CHANGES_MAX = 10_000


class Ring:
    """Changes numbered from `first` to before `end`; `head` is the cursor after the newest."""

    def __init__(self, head: Cursor, *, changes_max: int = CHANGES_MAX) -> None:
        self.head = head
        self.first = 0
        self.end = 0
        self._changes: list[Change] = []
        self._changes_max = changes_max
        # What was joined since the last change, for the next watcher who wants the same.
        self._joined: dict[tuple[Wanted, int, int], tuple[bytes, int]] = {}

    def add(self, page: Page) -> None:
        learned = list(changes(self.head, page.facts))
        self._changes.extend(learned)
        self.end += len(learned)
        self.head = Cursor(self.head.generation, page.reached)
        # Twice its size at most, so that what is left is not moved for every page.
        if len(self._changes) > 2 * self._changes_max:
            del self._changes[: -self._changes_max]
            self.first = self.end - self._changes_max
        self._joined.clear()

    def before(self, number: int) -> Cursor:
        """The cursor of a reader for whom that change is the next."""
        assert self.first < number <= self.end, "only what is held is known"
        if number == self.end:
            return self.head
        return Cursor(self.head.generation, self._changes[number - 1 - self.first].after)

    def joined(self, wanted: Wanted, start: int, end: int) -> tuple[bytes, int]:
        """What the watcher wants of these, and how many that is."""
        known = self._joined.get((wanted, start, end))
        if known is None:
            found = [one.text for one in self.between(start, end) if wanted.matches(one)]
            known = self._joined[wanted, start, end] = b"".join(found), len(found)
        return known

    def between(self, start: int, end: int) -> list[Change]:
        assert self.first <= start <= end <= self.end, "only what is held is known"
        return self._changes[start - self.first : end - self.first]
