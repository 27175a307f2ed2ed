"""What the columns of another system's file mean, as a mapping file says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from schemas.vocabulary import Category, Channel, ClosingReason, Department, Municipality

ISO = "iso"
Verdict = str
V = TypeVar("V", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values(Generic[V]):
    """What each value of a column stands for; `prefixes` are those that ended in *, longest first.

    `otherwise` stands for what is not named, an empty cell among it.
    """

    column: str
    exact: Mapping[str, V]
    prefixes: tuple[tuple[str, V], ...] = ()
    otherwise: V | None = None

    def named(self, text: str) -> V | None:
        """What the value stands for, if it is named."""
        if text in self.exact:
            return self.exact[text]
        return next((value for start, value in self.prefixes if text.startswith(start)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How times are written; those without a zone are local times of `zone`."""

    zone: ZoneInfo
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What the case says: these columns, those that are empty or repeat another left out."""

    columns: tuple[str, ...]
    joined_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceColumns:
    """Where it is. `nowhere` are points that the other system writes when it knows none."""

    address: str | None = None
    district: str | None = None
    lat: str | None = None
    lon: str | None = None
    nowhere: frozenset[tuple[float, float]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterColumns:
    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """A mapping file, valid. `verdict` is the other system's own judgement, for comparison only."""

    municipality: Municipality
    system: str
    encoding: str
    delimiter: str
    reference: str
    text: Text
    times: Times
    opened_at: str
    channel: Values[Channel]
    department: Values[Department]
    category: Values[Category]
    deadline: str | None = None
    closed_at: str | None = None
    without_action: Values[ClosingReason] | None = None
    place: PlaceColumns = PlaceColumns()
    reporter: ReporterColumns = ReporterColumns()
    verdict: Values[Verdict] | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the file must have."""
        valued = (self.channel, self.department, self.category, self.without_action, self.verdict)
        named = (
            self.reference,
            *self.text.columns,
            self.opened_at,
            self.deadline,
            self.closed_at,
            *(one.column for one in valued if one is not None),
            self.place.address,
            self.place.district,
            self.place.lat,
            self.place.lon,
            self.reporter.name,
            self.reporter.phone,
            self.reporter.email,
        )
        return frozenset(one for one in named if one is not None)

    def column_of(self, pointer: str) -> str:
        """The column behind a field of the message, by its JSON pointer; empty if there is none."""
        columns = {
            "/text": self.text.columns[0],
            "/source_ref": self.reference,
            "/occurred_at": self.opened_at,
            "/deadline": self.deadline,
            "/closing/at": self.closed_at,
            "/department": self.department.column,
            "/category": self.category.column,
            "/place/address": self.place.address,
            "/place/district": self.place.district,
            "/place": self.place.lat,
            "/place/lat": self.place.lat,
            "/place/lon": self.place.lon,
            "/reporter/name": self.reporter.name,
            "/reporter/phone": self.reporter.phone,
            "/reporter/email": self.reporter.email,
        }
        return columns.get(pointer) or ""
