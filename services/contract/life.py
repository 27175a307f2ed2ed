"""A case's life as the core holds it: its states drawn, its steps, who may say what, why not."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.vocabulary import DEEDS, ROLES
from services.contract.pages import table
from streams.core.permissions import MAY
from streams.core.refusal import CODES, PERSIAN_WORDS, SENTENCES
from streams.core.transitions import STATES, STEPS, TRANSITIONS, State, Step

_APART: State = "linked"
_BACK: Step = "case.unlinked.v1"
_STAYS = "stays"


def states() -> str:
    """A fenced Mermaid diagram of every step that leads from one state to another."""
    named = (f'  state "{_spaced(one)}" as {_identifier(one)}\n' for one in STATES[1:])
    found = "".join((*named, *_arrows()))
    return f"```mermaid\nstateDiagram-v2\n{found}```\n"


def steps() -> str:
    """Which state each step leads to; where it is not allowed, nothing."""
    head = ("step", *(_title(one) for one in STATES))
    return table(head, ((f"`{_short(step)}`", *_ends(step)) for step in STEPS))


def deeds() -> str:
    """Of which cases each role may say each deed; where it may not, nothing."""
    head = ("deed", *(_title(one) for one in ROLES))
    rows = ((f"`{deed}`", *(MAY[role].get(deed, "") for role in ROLES)) for deed in DEEDS)
    return table(head, rows)


def refusals() -> str:
    rows = ((f"`{one}`", SENTENCES[one].english, SENTENCES[one].persian) for one in CODES)
    return table(("code", "in English", "in Persian"), rows)


def _arrows() -> Iterator[str]:
    yield f"  [*] --> {_identifier(STATES[1])}\n"
    for before in STATES[1:]:
        by_end: dict[State, list[str]] = defaultdict(list)
        for step in STEPS:
            for after in _leads_to(before, step):
                by_end[after].append(_spaced(_short(step)))
        by_end.pop(before, None)
        for after in sorted(by_end, key=STATES.index):
            words = ", ".join(by_end[after])
            yield f"  {_identifier(before)} --> {_identifier(after)}: {words}\n"


def _leads_to(before: State, step: Step) -> tuple[State, ...]:
    after = TRANSITIONS[before].get(step)
    if after is None:
        return ()
    return _ends_apart() if step == _BACK else (after,)


def _ends_apart() -> tuple[State, ...]:
    """Whence a case was linked; thither it goes back, which the fold remembers and no table."""
    return tuple(one for one in STATES if _APART in TRANSITIONS[one].values() and one != _APART)


def _ends(step: Step) -> Iterator[str]:
    for before in STATES:
        after = TRANSITIONS[before].get(step)
        if after is None:
            yield ""
        elif step == _BACK:
            yield "as it was"
        else:
            yield _STAYS if after == before else _spaced(after)


def _title(name: str) -> str:
    return f"{_spaced(name)} ({PERSIAN_WORDS[name]})"


def _short(step: Step) -> str:
    return step.split(".")[1]


def _spaced(name: str) -> str:
    return name.replace("-", " ")


def _identifier(name: str) -> str:
    """As Mermaid may have it."""
    return name.replace("-", "_")
