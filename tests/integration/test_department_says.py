"""What a department says by the command line: from its inbox to its judgement, in words."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schemas.codec import encode
from schemas.facts import Submitted
from schemas.policy import BodyPolicy, Budget, PausePolicy, Policy
from schemas.topics import POLICIES, progress_of
from schemas.vocabulary import Body, CaseId, Department, PauseReason
from services.backup.errors import AbsentError
from services.command.composed import composed
from services.command.department_says import SAID
from streams import projector
from tests.builders import CENTRE, CITY, PARKS, promise, routed, source
from tests.integration.lab import Lab, lab, process, working
from tests.policies import policy
from tests.topics import make_topic

pytestmark = pytest.mark.integration

FANI = Department("fani")
CASE, EARLY, LATE = CaseId("says-case"), CaseId("says-early"), CaseId("says-late")
HMAC_KEY = base64.urlsafe_b64encode(b"h" * 32).decode()
DAY = Budget(seconds=86_400, working_time=False)
USAGE = 2
Said = tuple[tuple[str, ...], int, str]
# In this order, of one case, by its department; with the exit code, and words of the answer.
STORY: Sequence[Said] = (
    (("acknowledge", "--reference", "seen"), 0, "effective: acknowledged (progress-hashtgerd-park"),
    (("acknowledge", "--reference", "seen"), 0, "effective: acknowledged"),
    (("acknowledge",), 1, "refused: این مورد پذیرفته‌شده است (state)"),
    (("note", "--note", "the key hangs at the gate"), 0, "effective: noted"),
    (("note", "--note", "we come on Monday", "--visibility", "public"), 0, "effective: noted"),
    (("ask", "--note", "which of the two trees?"), 0, "effective: information-requested"),
    (("pause", "--reason", "weather"), 1, "(waits-already)"),
    (("answer", "--note", "the left one"), 0, "effective: information-received"),
    (("pause", "--reason", "lunch"), 1, "refused: /reason: is not one that the policy allows: "),
    (("pause", "--reason", "weather"), 0, "effective: paused"),
    (("resume",), 0, "effective: resumed"),
    (("start", "--if-version", "0"), 1, "(moved-on)"),
    (("start",), 0, "effective: started"),
    (("hand-over", "--body", "moon"), 1, "/body: is needed, one that the policy has: water"),
    (("hand-over", "--body", "water", "--body-reference", "122-4417"), 0, "effective: handed-over"),
    (("hand-over-answer", "--answer", "accepted", "--body-reference", "122-18"), 0, "effective"),
    (("hand-over-answer", "--answer", "done"), 0, "effective: handed-over-answered"),
    (("split", "--part", "GRN-02:a tree", "--part", "and: a hole"), 0, "effective: split"),
    (("link", "--parent", LATE), 1, "(not-earlier)"),
    (("link", "--parent", EARLY), 0, "effective: linked (operator/by-hand-"),
    (("unlink",), 0, "effective: unlinked"),
    (("resolve", "--note", "cut"), 1, "این موضوع بدون این مدرک بسته نمی‌شود: عکس (not-shown)"),
    (("resolve", "--note", "cut", "--photo", "store/1.jpg"), 0, "effective: resolved"),
    (("close", "--why", "not-ours"), 1, "refused: این مورد انجام‌شده است (state)"),
)
PASSED_ON: Sequence[Said] = (
    (("transfer", "--why", "wrong-department", "--to", "fani"), 0, "effective: transfer-requested"),
    (("acknowledge",), 1, "refused: این مورد نزد fani است (other-department)"),
)
# Of one case, at the desk.
AT_THE_DESK: Sequence[Said] = (
    (("linked", "--parent", CASE), 0, "effective: linked"),
    (("unlinked", "--role", "head"), 0, "effective: unlinked (operator/by-hand-"),
    (("reclassified", "--category", "CIV-01", "--role", "member"), 1, "(not-permitted)"),
    (("escalation-seen", "--role", "head"), 1, "(not-escalated)"),
    (("closed-without-action", "--why", "not-ours"), 0, "effective"),
    (("disputed", "--role", "citizen", "--note", "it lies there still"), 0, "effective: disputed"),
    (("closed-without-action", "--why", "not-ours"), 0, "effective"),
    (("confirmed", "--role", "citizen"), 0, "effective: confirmed"),
    (("confirmed",), 1, "(confirmed-already)"),
    (("rated", "--stars", "2"), 0, "effective: rated"),
    (("reopened",), 1, "refused: /note: is missing: why is it opened again?"),
    (("reopened", "--note", "the same tree"), 0, "effective: reopened"),
    (("transfer-requested", "--why", "wrong-department", "--category", "CIV-01"), 0, "effective"),
    (("noted", "--note", "mine", "--role", "deputy", "--department", "parks"), 1, "(not-permitted"),
)


def _city() -> Policy:
    """Trees are done when a photo shows it, and the water company is another body."""
    plain = policy()
    pauses = (
        PausePolicy(
            reason=PauseReason(one), title_fa=one, title_en=one, longest=DAY, clocks=("resolution",)
        )
        for one in ("weather", "waiting-for-citizen", "another-utility")
    )
    water = BodyPolicy(
        body=Body("water"),
        title_fa="آب",
        title_en="Water",
        contact="duty@water.example",
        pause=PauseReason("another-utility"),
    )
    trees, *others = plain.categories
    return replace(
        plain,
        pauses=tuple(pauses),
        bodies=(water,),
        categories=(replace(trees, shown=("photo",)), *others),
        dispute_within=DAY,
    )


@asynccontextmanager
async def departments(kafka: str, postgres: str, name: str, data: Path) -> AsyncIterator[Lab]:
    """A city with three open cases of parks', a router for what is said, and a projector."""
    made = _city()
    for department in (PARKS, CENTRE, FANI):
        topic = progress_of(CITY, department)
        await make_topic(kafka, topic, settings={"message.timestamp.type": "LogAppendTime"})
    async with lab(kafka, postgres, name) as city:
        await city.log.append(POLICIES, made.version.encode(), encode(made), partition=0)
        with process(city, "router progress", "1", data=data, hmac_key=HMAC_KEY):
            async with working(projector.run, city.worker()):
                for number, case_id in enumerate((EARLY, CASE, LATE)):
                    await _open(city, CaseId(f"{name}-{case_id}"), number)
                await city.projected()
                yield city


async def _open(city: Lab, case_id: CaseId, number: int) -> Submitted:
    at = datetime.now(UTC) - timedelta(minutes=10 - number)
    said = await city.submit(case_id, "درخت افتاده", source(number, inbox="intake-says"), at=at)
    clocks = (promise(seconds=3_600, start=at), promise("resolution", seconds=36_000, start=at))
    await city.append(routed(said, promises=clocks))
    return said


async def peygir(city: Lab, data: Path, *words: str) -> Result:
    kafka = {"PEYGIR_DATA": str(data), "PEYGIR_KAFKA": city.kafka}
    environment = {**kafka, "PEYGIR_DATABASE_URL": city.database}
    return await asyncio.to_thread(CliRunner().invoke, composed(), words, env=environment)


def _of(name: str, words: tuple[str, ...]) -> list[str]:
    """With the cases that this test calls so."""
    return [f"{name}-{one}" if one in {CASE, EARLY, LATE} else one for one in words]


def test_a_department_says_all_that_it_may_and_is_told_what_became_of_it(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    told = [words for words, _, _ in (*STORY, *PASSED_ON)]
    assert {words[0] for words in told} == set(SAID)

    async def run() -> None:
        async with departments(city_log, postgres, "own", tmp_path) as city:
            for case, story in ((CASE, STORY), (LATE, PASSED_ON)):
                for words, code, wanted in story:
                    deed, *more = _of("own", words)
                    place = (CITY, PARKS, f"own-{case}")
                    done = await peygir(city, tmp_path, "department", deed, *place, *more)
                    assert (done.exit_code, wanted in done.output) == (code, True), done.output
            row = await city.row("cases", CaseId(f"own-{CASE}"))
            assert row is not None
            assert (row["state"], row["parts"], row["parent"]) == ("resolved", 2, None)
            assert await city.count("facts", case_id=f"own-{CASE}", type="case.acknowledged.v1") > 1

    asyncio.run(run())


def test_the_desk_says_what_others_say_as_what_they_are(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with departments(city_log, postgres, "desk", tmp_path) as city:
            first = await peygir(
                city,
                tmp_path,
                "case",
                "fact",
                f"desk-{CASE}",
                "linked",
                "--parent",
                f"desk-{EARLY}",
            )
            assert first.exit_code == 0, first.output
            for words, code, wanted in AT_THE_DESK:
                said = ("case", "fact", f"desk-{LATE}", *_of("desk", words))
                done = await peygir(city, tmp_path, *said)
                assert (done.exit_code, wanted in done.output) == (code, True), done.output
                if words[0] == "linked":
                    row = await city.row("cases", CaseId(f"desk-{LATE}"))
                    assert row is not None
                    assert row["parent"] == f"desk-{EARLY}", "it follows what that one follows"
            row = await city.row("cases", CaseId(f"desk-{LATE}"))
            assert row is not None
            assert (row["department"], row["stars"], row["verdict"]) == ("fani", 2, "confirmed")

    asyncio.run(run())


def test_where_there_is_no_database_a_department_leaves_it_in_its_inbox(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    own = ("department", "start", CITY, PARKS)

    async def run() -> None:
        async with departments(city_log, postgres, "alone", tmp_path) as city:
            case_id = CaseId(f"alone-{CASE}")
            alone = replace_database(city)
            done = await peygir(alone, tmp_path, *own, case_id, "--no-wait")
            assert done.exit_code == 0, done.output
            assert "it lies in progress-hashtgerd-parks" in done.output
            by_code = await peygir(alone, tmp_path, *own, "615705748237402", "--no-wait")
            assert by_code.exit_code == USAGE

            async def started() -> bool:
                row = await city.row("cases", case_id)
                return row is not None and row["state"] == "started"

            await city.settled(started)

    asyncio.run(run())


def test_a_department_or_a_case_that_is_none_is_named(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with departments(city_log, postgres, "none", tmp_path) as city:
            said = ("department", "start", CITY)
            no_case = await peygir(city, tmp_path, *said, PARKS, "nothing")
            nobody = await peygir(city, tmp_path, *said, "nobody", f"none-{CASE}")
            elsewhere = await peygir(
                city, tmp_path, "department", "start", "boston", PARKS, f"none-{CASE}"
            )
            assert [one.exit_code for one in (no_case, nobody, elsewhere)] == [1, 1, 1]
            assert "there is no case nothing in hashtgerd" in no_case.output
            assert "there is no topic progress-hashtgerd-nobody" in nobody.output
            assert f"there is no case none-{CASE} in boston" in elsewhere.output
            assert not isinstance(nobody.exception, AbsentError)

    asyncio.run(run())


def replace_database(city: Lab) -> Lab:
    """The same, reached from where no database answers."""
    return Lab(city.kafka, "postgresql://x@127.0.0.1:1/x", city.log, city.tables)
