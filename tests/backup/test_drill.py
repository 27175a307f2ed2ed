"""The restore drill: a disaster, a fresh data folder, and nobody is told or shown what is past."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.backup.drill import SHORT, Drill, notices
from tests.conftest import reachable
from tests.embedded.running import command, wait_for

pytestmark = pytest.mark.integration

STEADY = [f"steady-{number}" for number in range(10)]
EARLY, RUNNING = ["early-0", "early-1"], ["running-0", "running-1", "running-2"]
TAKEN = 4
FACTS_TWICE_AND_ERASED = 5
LOST = [f"lost-{number}" for number in range(5)]


def test_a_restore_brings_back_every_case_and_nobody_who_was_erased(tmp_path: Path) -> None:
    drill = Drill(reachable(tmp_path))
    try:
        _life_before(drill)
        drill.lose_everything()
        said = drill.restore()
        assert "as they were at" in said
        drill.start_again()
        # Clients who never heard of the disaster try again what they sent before it.
        drill.say("erased-before", "erased-after", *STEADY)
        drill.settle()

        _nobody_erased_is_back(drill)
        _every_case_is_as_it_was(drill)
        _no_notice_is_sent_twice(drill)
        _it_goes_on(drill)
        drill.peygir("verify")
    finally:
        drill.city.stop()


def _life_before(drill: Drill) -> None:
    _hurry(drill)
    drill.say(*STEADY, "erased-before", "erased-after")
    drill.say(*EARLY, category=SHORT.category)
    drill.projected(*EARLY, "erased-before")
    _erased_at_once(drill, "erased-before")

    # Not delivered before the backup, and announced between it and the disaster.
    with drill.nothing_delivered():
        drill.say(*RUNNING, category=SHORT.category)
        drill.projected(*RUNNING)
        _back_up_while_it_works(drill)
    drill.remember_pages(STEADY)
    drill.erase("erased-after")
    drill.say(*LOST)
    drill.settle()
    _not_over_a_living_instance(drill)


def _hurry(drill: Drill) -> None:
    """One category's clocks run out within seconds."""
    asyncio.run(drill.city.publish(SHORT))
    time.sleep(2)  # The version counts from the next second on, and everywhere.


def _not_over_a_living_instance(drill: Drill) -> None:
    keys = ("--secrets", str(drill.data / "secrets.json"))
    done = command("restore", str(drill.backup), *keys, "--no-erasures", data=drill.data)
    assert done.returncode == TAKEN
    assert "a living instance has the data folder" in done.stderr


def _erased_at_once(drill: Drill, reference: str) -> None:
    """And what is tried again brings nothing back."""
    said = drill.erase(reference)
    assert "days nothing is left" in said

    drill.say(reference)
    wait_for(lambda: drill.count("facts", reference) == FACTS_TWICE_AND_ERASED, 20)
    wait_for(lambda: drill.count("keyring", reference) == 0, 20)
    assert drill.count("contents", reference) == 0
    assert drill.count("case_words", reference) == 0
    assert drill.count("cases", reference) == 1
    _, shown = drill.page(reference)
    assert "text" not in shown or shown["text"] is None
    assert reference not in str(shown).replace(drill.kept.cases[reference], "")
    assert "erased" in drill.peygir("erase", drill.kept.cases[reference], "--yes")
    query = "select count(*) from facts where case_id = $1 and type = 'case.reporter-erased.v1'"
    assert asyncio.run(drill.city.value(query, drill.kept.cases[reference])) == 1


def _back_up_while_it_works(drill: Drill) -> None:
    async def both() -> str:
        back_up = asyncio.to_thread(drill.peygir, "backup", str(drill.backup))
        working = drill.submit(f"meanwhile-{number}" for number in range(40))
        said, _ = await asyncio.gather(back_up, working)
        return said

    assert "the list of erasures" in asyncio.run(both())
    assert "is whole" in drill.peygir("backup", str(drill.backup), "--check")


def _nobody_erased_is_back(drill: Drill) -> None:
    for reference in ("erased-before", "erased-after"):
        wait_for(lambda one=reference: drill.count("keyring", one) == 0, 20)
        assert drill.count("contents", reference) == 0
        assert drill.count("case_words", reference) == 0
        for wrapped in drill.kept.wrapped[reference]:
            assert drill.on_disk(wrapped) == []


def _every_case_is_as_it_was(drill: Drill) -> None:
    for reference in STEADY:
        assert drill.page(reference) == drill.kept.pages[reference]


def _no_notice_is_sent_twice(drill: Drill) -> None:
    before, after = notices(drill.kept.deliveries), notices(drill.deliveries())
    again = {one for one in before if any(drill.kept.cases[who] in one for who in RUNNING)}

    assert len(again) >= len(RUNNING), "they were announced before the disaster"
    assert before & after == set()
    # After an outage the highest step is announced alone, so of these there is one for each clock.
    breaches = {one for one in again if one.endswith("/breached")}
    assert len(breaches) == 2 * len(RUNNING)
    assert breaches <= drill.unknown()
    counts = Counter(one.delivery_id for one in drill.deliveries())
    assert set(counts.values()) == {1}
    assigned = {one.delivery_id for one in drill.kept.deliveries if one.kind == "assigned"}
    told = {one.delivery_id for one in drill.deliveries() if one.kind == "assigned"}
    owed = {one for one in assigned if any(drill.kept.cases[who] in one for who in RUNNING)}
    assert len(owed) == len(RUNNING)
    assert owed <= told, "no case is forgotten: it is assigned again, under its id"


def _it_goes_on(drill: Drill) -> None:
    _hurry(drill)  # The start has published the policy of the files again.
    drill.say("afterwards")
    drill.say("short-afterwards", category=SHORT.category)
    drill.settle()
    told = [one.kind for one in drill.deliveries() if one.case_id == drill.kept.cases["afterwards"]]
    assert told == ["assigned"]
    short = drill.kept.cases["short-afterwards"]
    assert any(one.case_id == short and one.kind == "breached" for one in drill.deliveries())
    rows = asyncio.run(drill.city.rows("select inbox_generation from desk.restores"))
    assert [row["inbox_generation"] for row in rows] == [2]
