"""Which changes a watcher asks for, and which of them its key may see."""

from dataclasses import dataclass, field
from typing import Protocol

from services.http.client import Client


class Change(Protocol):
    """What decides who is told of a change."""

    @property
    def case_id(self) -> str: ...
    @property
    def municipality(self) -> str: ...
    @property
    def department(self) -> str | None: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a key may see: everything, whole municipalities, single departments."""

    everything: bool = False
    municipalities: frozenset[str] = frozenset()
    departments: frozenset[tuple[str, str]] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.municipalities or self.departments)

    def sees(self, municipality: str, department: str | None) -> bool:
        return (
            self.everything
            or municipality in self.municipalities
            or (municipality, department) in self.departments
        )

    def ever_sees(self, municipality: str | None, department: str | None) -> bool:
        """Whether anything at all can be seen of what is asked for."""
        if self.everything or municipality in self.municipalities:
            return True
        if municipality is None and self.municipalities:
            return True
        return any(
            (municipality or where, department or who) == (where, who)
            for where, who in self.departments
        )


def sight(client: Client) -> Sight:
    return Sight(
        everything=client.may_read_all,
        municipalities=frozenset(str(where) for where in client.municipalities),
        departments=frozenset((str(where), str(who)) for where, who in client.departments),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Equal ones want the same: what is written for one is written for all."""

    municipality: str | None = None
    department: str | None = None
    state: str | None = None
    case_id: str | None = None
    sight: Sight = field(default_factory=lambda: Sight(everything=True))

    @property
    def everything(self) -> bool:
        return self == EVERYTHING

    def matches(self, change: Change) -> bool:
        return (
            self.municipality in {None, change.municipality}
            and self.department in {None, change.department}
            and self.state in {None, change.state}
            and self.case_id in {None, change.case_id}
            and self.sight.sees(change.municipality, change.department)
        )


EVERYTHING = Wanted()
