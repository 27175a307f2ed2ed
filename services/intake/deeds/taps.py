"""What makes a citizen's second tap on a button the same as the first one."""

from collections import OrderedDict

from schemas.vocabulary import CaseId

TAP_SECONDS = 30.0
TAPS_MAX = 10_000


class Taps:
    """What was said last by each case's citizen, and under which reference, for half a minute.

    A fact changes the version by which the same words a minute later are another fact: by then a
    second tap would be one too. This process alone remembers it.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[CaseId, tuple[str, str, float]] = OrderedDict()

    def reference(self, case: CaseId, words: str, fresh: str, now: float) -> str:
        """The reference of the same words a moment ago, or else this fresh one."""
        before = self._last.pop(case, None)
        if before is not None and before[0] == words and now - before[2] < TAP_SECONDS:
            fresh = before[1]
        self._last[case] = (words, fresh, now)
        if len(self._last) > TAPS_MAX:
            self._last.popitem(last=False)
        return fresh
