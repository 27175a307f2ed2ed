"""What must be true when a storm is over, counted from outside."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from schemas.codec import decode, decode_fact
from schemas.deliveries import Delivery
from schemas.topics import CASE_FACTS, ROUTER_GROUPS
from schemas.vocabulary import CaseId
from streams.core.case import Case, Positioned
from streams.core.fold import fold
from tests.crash.city import City, until

SETTLED_SECONDS_MAX = 90.0
SOON_SECONDS = 15.0
COUNTS_MAX = 5


@dataclass(slots=True, kw_only=True)
class Counts:
    """Everything that was counted, and everything that is wrong with it."""

    taken: int
    cases: int = 0
    records_of_facts: int = 0
    facts_by_type: Counter[str] = field(default_factory=Counter[str])
    deliveries: int = 0
    deliveries_by_kind: Counter[str] = field(default_factory=Counter[str])
    repeated_deliveries: int = 0
    dead_letters: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def lines(self) -> list[str]:
        effective = sum(self.facts_by_type.values())
        kinds, again = dict(self.deliveries_by_kind), self.repeated_deliveries
        return [
            f"submissions acknowledged: {self.taken}; cases: {self.cases}",
            f"records in the log: {self.records_of_facts}; effective facts: {effective}",
            f"  {dict(self.facts_by_type)}",
            f"deliveries: {self.deliveries}; repeated, by the same id: {again}",
            f"  {kinds}",
            f"dead letters: {self.dead_letters}",
            f"wrong: {len(self.wrong)} {self.wrong[:5]}",
        ]


async def settled(city: City) -> None:
    """Waits until nothing is under way any more: routed, projected, due, delivered, accounted."""
    wait = SETTLED_SECONDS_MAX
    for kind in ROUTER_GROUPS:
        await until(lambda kind=kind: city.lag(kind), 0, wait, f"lag of router {kind}")
    await until(city.unaccounted, 0, wait, "inbox positions without an outcome")
    await until(city.unprojected, 0, wait, "facts not projected")
    # Clocks of seconds are let run out: a notice in the middle of the counting would spoil it.
    await until(lambda: city.notices_owed(SOON_SECONDS), 0, wait, "notices owed")
    await until(city.unprojected, 0, wait, "facts not projected")
    await until(city.undelivered, 0, wait, "deliveries not made")


async def count(
    city: City, taken: Mapping[str, str], expected: Mapping[str, str], short: Collection[str]
) -> Counts:
    """Compares the log, the projection and the departments' topics with what was acknowledged.

    `expected` gives the final state of every case that a department has reported on; both clocks
    of the `short` ones have run out. While the log grew under the counting, it counts again.
    """
    for _ in range(COUNTS_MAX):
        counts = await _count(city, taken, expected, short)
        if await city.log_size() == counts.records_of_facts:
            return counts
    msg = f"the log grew under {COUNTS_MAX} countings"
    raise AssertionError(msg)


async def _count(
    city: City, taken: Mapping[str, str], expected: Mapping[str, str], short: Collection[str]
) -> Counts:
    counts = Counts(taken=len(taken))
    log = await _log(city, counts)
    _check_cases(log, taken, expected, counts)
    counts.wrong += _check_clocks(log, short)
    await _check_projection(city, log, counts)
    await _check_deliveries(city, log, counts)
    return counts


async def _log(city: City, counts: Counts) -> dict[CaseId, Case]:
    histories: defaultdict[CaseId, list[Positioned]] = defaultdict(list)
    for record in await city.records((CASE_FACTS,)):
        fact = decode_fact(record.value)
        histories[fact.case_id].append(Positioned(offset=record.offset, fact=fact))
        counts.records_of_facts += 1
    terms = await city.terms()
    cases = {case_id: fold(case_id, history, terms) for case_id, history in histories.items()}
    for case_id, history in histories.items():
        seen = {one.fact.fact_id: one.fact.type for one in history}
        counts.facts_by_type.update(seen[one] for one in cases[case_id].effective)
    return cases


def _check_cases(
    log: Mapping[CaseId, Case],
    taken: Mapping[str, str],
    expected: Mapping[str, str],
    counts: Counts,
) -> None:
    counts.cases = sum(case.known for case in log.values())
    wanted = set(taken.values())
    counts.wrong += [f"{one} was acknowledged and is no case" for one in wanted - log.keys()]
    counts.wrong += [f"{one} is a case nobody sent" for one in log.keys() - wanted]
    if len(wanted) != len(taken):
        counts.wrong.append(f"{len(taken)} references became {len(wanted)} cases")
    for case_id, case in log.items():
        state = expected.get(case_id, "routed")
        if case.state != state:
            counts.wrong.append(f"{case_id} is {case.state}, not {state}")


async def _check_projection(city: City, log: Mapping[CaseId, Case], counts: Counts) -> None:
    rows = await city.rows("select case_id, state, version, department from cases")
    projected = {row["case_id"]: (row["state"], row["version"], row["department"]) for row in rows}
    folded = {key: (one.state, one.version, one.department) for key, one in log.items()}
    differing = [
        key for key in projected.keys() | folded.keys() if projected.get(key) != folded.get(key)
    ]
    counts.wrong += [
        f"{key}: projected {projected.get(key)}, not {folded.get(key)}" for key in differing
    ]
    counts.dead_letters = await city.value("select count(*) from dead_letters")


async def _check_deliveries(city: City, log: Mapping[CaseId, Case], counts: Counts) -> None:
    topics_of: defaultdict[str, set[str]] = defaultdict(set)
    times: Counter[str] = Counter()
    assigned: set[tuple[str, str]] = set()
    for record in await city.records(("department-",)):
        delivery = decode(record.value, Delivery)
        times[delivery.delivery_id] += 1
        topics_of[delivery.delivery_id].add(record.topic)
        if times[delivery.delivery_id] == 1:
            counts.deliveries_by_kind[delivery.kind] += 1
        if delivery.kind == "assigned":
            assigned.add((delivery.case_id, record.topic.rpartition("-")[2]))
    counts.deliveries = len(times)
    counts.repeated_deliveries = sum(times.values()) - len(times)
    counts.wrong += [f"{one} lies in {many}" for one, many in topics_of.items() if len(many) > 1]
    owed = {(case.case_id, str(case.department)) for case in log.values() if case.department}
    counts.wrong += [f"{one} was not delivered" for one in owed - assigned]
    counts.wrong += [f"{one} was delivered to the wrong one" for one in assigned - owed]


def _check_clocks(log: Mapping[CaseId, Case], short: Collection[str]) -> list[str]:
    """Each of these cases has let both its deadlines pass, and said so once."""
    wrong: list[str] = []
    for case_id in short:
        case = log[CaseId(case_id)]
        breaches = sorted(
            one.rsplit("/", 2)[1] for one in case.effective if one.endswith("/breached")
        )
        if breaches != ["first-response", "resolution"]:
            wrong.append(f"{case_id} was breached {breaches}")
    return wrong
