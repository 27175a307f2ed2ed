"""Whether the work goes on: processes, what waits, what was set aside."""

from collections.abc import Iterable, Iterator, Mapping

from schemas.topics import CASE_FACTS, LOG_PARTITIONS
from services.doctor.check import Check, ok, some, unless, warning, wrong
from services.doctor.seen import Broker, Erasures, InboxPlace, Process, Work

RESTARTS_FEW = 3
WAITING_FEW = 1_000
# How many partitions the workers of a kind hold together, by the name of their leases.
HELD = {"projector": LOG_PARTITIONS, "sla-timer": LOG_PARTITIONS, "dispatcher": LOG_PARTITIONS} | {
    "accountant": 1,
    "linker": 1,
}


def judge_processes(seen: Iterable[Process]) -> Iterator[Check]:
    for one in seen:
        if one.wrong:
            yield wrong("processes", f"{one.name}: {one.wrong}", f"read logs/{one.name}.log")
        elif one.restarts > RESTARTS_FEW:
            says = f"{one.name} was started again {one.restarts} times"
            yield warning("processes", says, f"read logs/{one.name}.log and logs/supervisor.log")


def judge_work(work: Work, broker: Broker | None) -> Iterator[Check]:
    """What the tables and the log say together; nothing of the log where it is away."""
    yield from unless(_leases(work.leased), ok("workers", "every partition has its workers"))
    if broker is not None:
        yield _behind(work, broker.ends)
        yield _unrouted(broker)
        yield _unaccounted(work, broker.ends)
    yield _notices(work)
    yield _letters(work)
    yield from unless(_incidents(work), ok("incidents", "none"))
    if work.undelivered:
        says = f"{work.undelivered} deliveries wait for their department's topic"
        yield warning("deliveries", says, "look at that topic; see desk.undelivered")
    if not work.api_keys:
        yield warning("API keys", "none is in force", "`peygir keys create`")


def judge_erasures(seen: Erasures, work: Work | None) -> Check:
    """Without the list, a restore would bring back who was erased."""
    erased = work.erased if work is not None else 0
    if seen.wrong:
        return wrong("erasures", seen.wrong, "mend the list from where it is kept")
    if seen.cases < erased:
        says = f"{erased} cases are erased, and {seen.path} names {seen.cases}"
        return wrong("erasures", says, "put the list back before any restore: PEYGIR_ERASURES")
    if seen.cases and not seen.apart:
        says = f"the list lies in the data folder; erased cases that rest on it: {seen.cases}"
        return warning("erasures", says, "set PEYGIR_ERASURES to a place that outlives the folder")
    if not seen.exists:
        return ok("erasures", f"nobody was erased; the list will be {seen.path}")
    return ok("erasures", f"{seen.cases} cases in {seen.path}")


def _leases(leased: Mapping[str, int]) -> Iterator[Check]:
    for role, wanted in HELD.items():
        count = leased.get(role, 0)
        if count < wanted:
            says = f"{role} has {count} of {wanted} partitions"
            yield wrong("workers", says, f"start {role}, or wait for its lease to pass on")


def _behind(work: Work, ends: Mapping[InboxPlace, int]) -> Check:
    late = sum(
        max(0, end - work.facts_offsets.get(number, 0))
        for (topic, number), end in ends.items()
        if topic == CASE_FACTS
    )
    if late > WAITING_FEW:
        return warning("projection", f"{late} facts behind the log", "look at the projector")
    return ok("projection", f"{late} facts behind the log")


def _unrouted(broker: Broker) -> Check:
    waiting = {
        place[0]: end - broker.committed.get(place, 0)
        for place, end in broker.ends.items()
        if place[0] != CASE_FACTS and end - broker.committed.get(place, 0) > 0
    }
    total = sum(waiting.values())
    if total > WAITING_FEW:
        says = f"{total} messages wait in {some(waiting)}"
        return warning("routers", says, "look at the routers' processes")
    return ok("routers", f"{total} messages wait")


def _unaccounted(work: Work, ends: Mapping[InboxPlace, int]) -> Check:
    late = sum(
        max(0, end - work.marks.get(place, 0))
        for place, end in ends.items()
        if place[0] != CASE_FACTS
    )
    if late > WAITING_FEW:
        says = f"{late} inbox positions above the gapless marks"
        return warning("accounting", says, "look at the accountant, the routers and the projector")
    return ok("accounting", f"{late} inbox positions above the gapless marks")


def _notices(work: Work) -> Check:
    if work.late_notices:
        says = f"{work.late_notices} notices are due for over a minute"
        do = "look at sla-timer, and at what it waits for: router-progress, accountant"
        return warning("notices", says, do)
    return ok("notices", "none is late")


def _letters(work: Work) -> Check:
    if work.letters:
        says = f"{work.letters} messages were set aside"
        return warning("dead letters", says, "`peygir dead-letters list`")
    return ok("dead letters", "none")


def _incidents(work: Work) -> Iterator[Check]:
    counted = {
        "messages that could not be decided": work.incidents,
        "records of our own that could not be read": work.unreadable,
        "cases that could not be folded": work.unfoldable,
    }
    for what, count in counted.items():
        if count:
            yield warning("incidents", f"{count} {what}", "a mistake of ours: docs/operating.md")
