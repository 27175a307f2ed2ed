"""How many series there are of a city with forty departments, and what the docs say of it."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from schemas import city_metrics, linker_metrics, metrics
from schemas.exposition import Meters
from schemas.policy import AdapterPolicy, PausePolicy, Policy
from schemas.settings import Settings
from schemas.shown import WORKERS
from schemas.topics import CASE_FACTS, REPAIRS, department_of
from schemas.vocabulary import Department, PauseReason
from services.edge.parts import assemble
from services.edge.serve import asgi
from services.embedded import workers
from services.http.asgi import NO_METHOD, NO_ROUTE, Edge
from streams.core.in_force import ready
from streams.core.inboxes import inboxes
from streams.core.lag import OUTBOX, consumer_of
from streams.core.terms import terms
from streams.projector.figures import Figures
from tests.builders import CENTRE, CITY, NOON
from tests.policies import policy

DEPARTMENTS, ADAPTERS, REASONS_TO_WAIT = 40, 6, 8
SERIES_MAX = 15_000
OF_A_SCRAPE = 5  # What Prometheus itself notes of each process: `up` and how the scrape went.
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "capacity.md"
RULES = "".join(path.read_text() for path in (ROOT / "deploy/prometheus/rules").glob("*.yml"))
RECORD = re.compile(r"record: (\S+)")
EVENTS_RECORDED = 5
KEY = SecretStr("a" * 43)


def city() -> Policy:
    small = policy()
    names = (CENTRE, *(Department(f"department-{number}") for number in range(1, DEPARTMENTS)))
    return replace(
        small,
        departments=tuple(replace(small.departments[0], department=one) for one in names),
        adapters=tuple(
            AdapterPolicy(adapter=f"adapter-{number}", channel="sms") for number in range(ADAPTERS)
        ),
        pauses=tuple(
            PausePolicy(
                reason=PauseReason(f"reason-{number}"),
                title_fa="",
                title_en="",
                longest=small.categories[0].resolution,
                clocks=(),
            )
            for number in range(REASONS_TO_WAIT)
        ),
    )


def of_an_edge(_: Policy) -> Meters:
    """With every answer that is described, and what no route answers."""
    settings = Settings(database_url=KEY, kafka="127.0.0.1:9", hmac_key=KEY)
    parts = assemble(settings, lambda: NOON, writes=True)
    edge = cast("Edge", asgi(parts, "edge"))
    for path, operations in edge.app.openapi()["paths"].items():
        for method, operation in operations.items():
            for status in operation["responses"]:
                parts.meters.expect(metrics.HTTP_SECONDS, method.upper(), path, status)
    for status in ("404", "405"):
        parts.meters.expect(metrics.HTTP_SECONDS, NO_METHOD, NO_ROUTE, status)
    return parts.meters


def of_the_projector(policy: Policy) -> Meters:
    meters = Meters(WORKERS["projector"])
    Figures(meters, lambda: NOON).expect({policy.version: terms(policy)})
    return meters


def of_the_accountant(policy: Policy) -> Meters:
    meters = Meters(WORKERS["accountant"])
    topics = (*inboxes({CITY: (ready(policy),)}), CASE_FACTS, REPAIRS)
    for source in (OUTBOX, *((consumer_of(topic) or "", topic) for topic in topics)):
        meters.show(metrics.LAG_MESSAGES, 0, *source)
        meters.show(metrics.LAG_SECONDS, 0, *source)
    for one in policy.departments:
        for metric in (city_metrics.SLA_OPEN, city_metrics.SLA_DUE, city_metrics.CASES_OPEN):
            meters.expect(metric, CITY, one.department)
        meters.show(city_metrics.CASES_OLDEST, 0, CITY, one.department)
        meters.show(metrics.DISPATCHER_PARKED, 0, department_of(CITY, one.department))
        for pause in policy.pauses:
            meters.show(city_metrics.CASES_WAITING, 0, CITY, one.department, pause.reason)
    meters.show(city_metrics.CASES_AT_CENTRE, 0, CITY)
    return meters


def of_the_linker(_: Policy) -> Meters:
    meters = Meters(WORKERS["linker"])
    meters.expect(linker_metrics.LINKER_CASES, CITY)
    return meters


FILLED: Mapping[str, Callable[[Policy], Meters]] = {
    "edge": of_an_edge,
    "projector": of_the_projector,
    "accountant": of_the_accountant,
    "linker": of_the_linker,
}


def series(worker: str) -> int:
    filled = FILLED.get(worker)
    meters = filled(city()) if filled else Meters(WORKERS[worker])
    meters.of_process(worker)
    shown = sum(len(family.samples) for family in meters.registry.collect())
    return shown + OF_A_SCRAPE


def recorded_series(name: str) -> int:
    """Of each department, and of each event that is kept; or of the platform."""
    if not name.startswith("municipality_department:"):
        return 1
    return DEPARTMENTS * (EVENTS_RECORDED if "case_events" in name else 1)


def kinds() -> Counter[str]:
    """How many processes of each kind an instance has."""
    return Counter(
        f"router-{one.arguments[-1]}" if "router" in one.arguments else one.name
        for one in workers.WORKERS
    )


def test_a_city_of_forty_departments_has_as_many_series_as_the_page_says_and_may_have() -> None:
    running = kinds()
    routers = {kind: count for kind, count in running.items() if kind in metrics.PROCESSORS}
    rows = {kind: (count, series(kind)) for kind, count in running.items() if kind not in routers}
    rows["router"] = (sum(routers.values()), series("router-intake"))

    recorded = sum(map(recorded_series, RECORD.findall(RULES)))
    total = sum(count * of_one for count, of_one in rows.values()) + recorded

    assert total < SERIES_MAX, rows
    text = PAGE.read_text()
    assert f"| what rules record | | | {recorded:,} |" in text
    for kind, (count, of_one) in rows.items():
        assert f"| `{kind}` | {count} | {of_one:,} | {count * of_one:,} |" in text
    assert f"| together | {running.total()} | | {total:,} |" in text
