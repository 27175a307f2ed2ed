"""Cases that were paused, passed on, reopened and linked, in the tables and before their proof."""

import asyncio
from dataclasses import replace

import pytest

from schemas.codec import encode
from schemas.facts import Fact, Routed
from schemas.policy import Policy
from schemas.steering import Paused, Reopened, TransferRequested
from schemas.topics import POLICIES
from schemas.vocabulary import CaseId, PolicyVersion
from streams import projector
from streams.verifier import verify
from tests.builders import acknowledged, after, resolved
from tests.calendars import every_day
from tests.integration.lab import Lab, lab, working
from tests.integration.proving import rebuilt, verified
from tests.steering import (
    HOUR,
    ROADS,
    city,
    linked,
    opened,
    passed_on,
    paused,
    real,
    reopened,
)
from tests.steering import working as working_time

pytestmark = pytest.mark.integration

MOVED, LINKED, OTHER = CaseId("steered-moved"), CaseId("steered-linked"), CaseId("steered-other")
HOURS = every_day("UTC", ("09:00", "17:00"))


def published(version: str) -> Policy:
    """Eight hours of working time, under a version that no neighbour's facts name."""
    named = PolicyVersion(f"hashtgerd/{version}")
    return city(
        HOURS,
        answer=real(HOUR),
        done=working_time(8 * HOUR),
        held=working_time(2 * HOUR),
        version=named,
    )


def steered(made: Policy) -> list[Fact]:
    """One case that went through all there is, one that follows it, and one that waits."""
    facts: list[Fact] = [
        *opened(made, after(0), MOVED),
        acknowledged(MOVED, at=after(60)),
        paused(after(HOUR), after(3 * HOUR), case_id=MOVED),
        passed_on(after(2 * HOUR), case_id=MOVED),
        resolved(MOVED, at=after(20 * HOUR), department=ROADS),
        reopened(after(21 * HOUR), case_id=MOVED),
        *opened(made, after(0), LINKED),
        linked(after(60), MOVED, case_id=LINKED),
        *opened(made, after(0), OTHER),
        paused(after(60), after(HOUR), case_id=OTHER),
    ]
    return [_under(made, fact) for fact in facts]


def _under(made: Policy, fact: Fact) -> Fact:
    if isinstance(fact, Routed | Paused | TransferRequested | Reopened):
        return replace(fact, policy_version=made.version)
    return fact


async def publish(town: Lab, made: Policy) -> None:
    await town.log.append(POLICIES, made.version.encode(), encode(made), partition=0)


def test_a_policy_that_is_published_while_the_projector_works_is_read_when_a_fact_names_it(
    city_log: str, postgres: str
) -> None:
    made = published("while-it-works")

    async def run() -> None:
        async with (
            lab(city_log, postgres, "steered_late") as town,
            working(projector.run, town.worker()),
        ):
            await town.projected()
            await publish(town, made)
            await town.append(*steered(made))
            await town.projected()

            row = await town.row("cases", MOVED)
            assert row is not None
            assert row["unfoldable"] is None
            assert (row["state"], row["department"]) == ("routed", ROADS)
            assert (row["transfers"], row["reopenings"]) == (1, 1)
            clocks = await town.tables.fetch(
                "select kind, cycle, department, state, deadline from clocks where case_id = $1 "
                "order by kind, cycle",
                MOVED,
            )
            assert [tuple(one) for one in clocks] == [
                ("first-response", 0, "parks", "met", after(HOUR)),
                ("holding", 0, "parks", "met", after(3 * HOUR)),
                ("holding", 1, ROADS, "missed", after(4 * HOUR)),
                ("holding", 2, ROADS, "running", after(23 * HOUR)),
                ("resolution", 0, "parks", "met", after(25 * HOUR)),
                ("resolution", 1, ROADS, "running", after(29 * HOUR)),
            ]
            waiting, following = await town.row("cases", OTHER), await town.row("cases", LINKED)
            assert waiting is not None
            assert following is not None
            assert waiting["waiting_until"] == after(HOUR)
            assert following["parent"] == MOVED
            assert await town.count("clocks", case_id=LINKED, state="linked") == 3

    asyncio.run(run())


def test_only_the_case_whose_policy_nobody_published_stops(city_log: str, postgres: str) -> None:
    broken, sound = CaseId("steered-broken"), CaseId("steered-sound")
    made, absent = published("known"), published("never-published")

    async def run() -> None:
        async with lab(city_log, postgres, "steered_absent") as town:
            await publish(town, made)
            for case_id, policy in ((broken, absent), (sound, made)):
                facts = (*opened(policy, after(0), case_id), passed_on(after(60), case_id=case_id))
                await town.append(*(_under(policy, fact) for fact in facts))
            async with working(projector.run, town.worker()):
                await town.projected()

            bad, good = await town.row("cases", broken), await town.row("cases", sound)
            assert bad is not None
            assert good is not None
            assert "UnknownTermsError" in bad["unfoldable"]
            assert (good["unfoldable"], good["department"]) == (None, ROADS)

    asyncio.run(run())


CORRUPTIONS = {
    ("cases", "waiting_until"): "cases set waiting_until = now() where case_id = 'steered-other'",
    ("cases", "transfers"): "cases set transfers = 0 where case_id = 'steered-moved'",
    ("cases", "parent"): "cases set parent = null where case_id = 'steered-linked'",
    ("clocks", "state"): "clocks set state = 'running' where case_id = 'steered-linked'",
    ("clocks", "department"): "clocks set department = 'x' where case_id = 'steered-moved'",
    ("clocks", "deadline"): "clocks set deadline = now() where case_id = 'steered-other'",
}


def test_the_proof_is_clean_and_finds_each_new_column_that_is_not_what_the_facts_say(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = published("proven")

    async def run() -> None:
        async with lab(city_log, postgres, "steered_proof") as town:
            await publish(town, made)
            await town.append(*steered(made))
            async with working(projector.run, town.worker()):
                await town.projected()
            verdict = await verified(town, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

            for corruption in CORRUPTIONS.values():
                assert not (await town.tables.execute(f"update {corruption}")).endswith(" 0")
            verdict = await verified(town, capsys)
            assert verdict.code == verify.EXIT_DIFFERS
            assert {(table, name) for table, _, name in verdict.tables()} == CORRUPTIONS.keys()

    asyncio.run(run())


def test_a_rebuild_makes_the_same_of_them(
    city_log: str, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = published("rebuilt")
    clocks = "select * from clocks order by case_id, kind, cycle"

    async def run() -> None:
        async with lab(city_log, postgres, "steered_rebuilt") as town:
            await publish(town, made)
            await town.append(*steered(made))
            async with working(projector.run, town.worker()):
                await town.projected()
            before = [tuple(row) for row in await town.tables.fetch(clocks)]

            assert await rebuilt(town) == 0
            assert [tuple(row) for row in await town.tables.fetch(clocks)] == before
            verdict = await verified(town, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())
