"""The reasons for which clocks may stand still, read from clocks.yaml."""

from collections.abc import Iterator
from typing import cast

from schemas.policy import PausePolicy
from schemas.vocabulary import CLOCK_KINDS, ClockKind, PauseReason
from services.policy.budgets import read_budget
from services.policy.departments import is_id
from services.policy.document import Section
from services.policy.durations import Work

# Nobody is answered by a pause, so a first response waits for none unless the city says so.
PAUSED_BY_DEFAULT: tuple[ClockKind, ...] = ("resolution", "holding")


def read_pauses(file: Section, work: Work) -> tuple[PausePolicy, ...]:
    """The reasons in the order of the file; a working day is the municipality's."""
    return tuple(_pauses(file.section("pauses", optional=True), work))


def _pauses(listed: Section, work: Work) -> Iterator[PausePolicy]:
    for reason, section in listed.sections():
        if not is_id(reason):
            listed.wrong(reason, "an id is lower-case letters and hyphens")
        titles = section.required_text("title_fa"), section.required_text("title_en")
        longest = read_budget(section, "longest", work)
        clocks = _clocks(section)
        if longest is not None:
            yield PausePolicy(
                reason=PauseReason(reason),
                title_fa=titles[0],
                title_en=titles[1],
                longest=longest,
                clocks=clocks,
            )
        section.close()


def _clocks(section: Section) -> tuple[ClockKind, ...]:
    if section.values.get("clocks") is None:
        section.items("clocks")
        return PAUSED_BY_DEFAULT
    named = section.items("clocks")
    if not named:
        section.wrong("clocks", "names none: a pause that stops no clock is none")
    for one in named:
        if one not in CLOCK_KINDS:
            section.wrong("clocks", f'"{one}" is no clock; there are {", ".join(CLOCK_KINDS)}')
        elif named.count(one) > 1:
            section.wrong("clocks", f'"{one}" occurs twice')
    return tuple(one for one in CLOCK_KINDS if one in cast("list[str]", named))
