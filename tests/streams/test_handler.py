"""What a router makes of each message, with a log in memory."""

import asyncio
import base64
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import pytest

from schemas import metrics, sealing
from schemas.codec import decode, decode_fact, encode
from schemas.contents import Content, Evidence
from schemas.exposition import Meters
from schemas.facts import Acknowledged, Fact, ReporterErased, Resolved, Routed, Submitted
from schemas.messages import (
    DeadLetter,
    DeadlineOrder,
    Erasure,
    Key,
    ProgressReport,
    Repair,
    Submission,
)
from schemas.places import Place, Reporter
from schemas.sealed_parts import sealed_of
from schemas.steering import Reopened
from schemas.topics import CASE_FACTS, DEAD_LETTERS, KEYRING
from schemas.vocabulary import Author, Category, Deed, FactId, Municipality, PolicyVersion
from streams.core.in_force import ready, with_version
from streams.core.inboxes import inboxes
from streams.kafka import Log
from streams.router import handler as handler_module
from streams.router.handler import Handler
from streams.router.outlet import Incoming, Outlet
from streams.router.policies import Rules
from streams.router.sealed import Keys
from tests.builders import (
    CASE_ID,
    CENTRE,
    CITY,
    NOON,
    PARKS,
    imported_case,
    promise,
    source,
    submission,
)
from tests.fakes import FakeLog
from tests.policies import policy

MASTER, SECRET = b"m" * 32, b"s" * 32
ROUTED_ID = FactId(f"{CASE_ID}/d1/submitted/routed")
PERSONAL = "درخت افتاده جلوی خانه من"


@dataclass(frozen=True)
class FixedRules:
    """The rules of one small policy."""

    rules: Rules

    async def knowing(
        self, municipality: Municipality, version: PolicyVersion | None = None
    ) -> Rules:
        assert municipality or version
        return self.rules


def rulebook() -> FixedRules:
    published = with_version({}, ready(policy()))
    return FixedRules(Rules(published=published, inboxes=inboxes(published)))


class World:
    """A handler with its log; what it appended, decoded."""

    def __init__(self) -> None:
        self.log = FakeLog()
        self.meters = Meters(metrics.ALL)
        outlet = Outlet(
            log=cast("Log", self.log),
            master_key=MASTER,
            meters=self.meters,
            processor="router-intake",
            now=lambda: NOON,
        )
        self.handler = Handler(
            outlet=outlet,
            rulebook=rulebook(),
            keys=Keys(master=MASTER, hmac=SECRET),
            meters=self.meters,
        )

    def handle(self, value: bytes, *, inbox: str = "intake-web", at: datetime = NOON) -> None:
        incoming = Incoming(source=source(7, inbox=inbox), at=at, value=value)
        asyncio.run(self.handler.handle(incoming))

    def facts(self) -> list[Fact]:
        return [decode_fact(raw) for raw in self.log.values(CASE_FACTS)]

    def decided(self) -> tuple[Submitted, Routed]:
        first, second = self.facts()
        assert isinstance(first, Submitted)
        assert isinstance(second, Routed)
        return first, second

    def letters(self) -> list[DeadLetter]:
        return [decode(raw, DeadLetter) for raw in self.log.values(DEAD_LETTERS)]


def test_a_message_becomes_a_key_and_two_facts_in_that_order() -> None:
    world = World()

    world.handle(encode(submission()))

    assert [one.topic for one in world.log.records] == [KEYRING, CASE_FACTS, CASE_FACTS]
    first, second = world.decided()
    assert (second.department, second.cause, second.recorded_at) == (PARKS, first.fact_id, NOON)
    assert "درخت" in second.reason
    assert [one.kind for one in second.promises] == ["first-response", "resolution"]


def test_what_it_says_is_sealed_with_the_key_of_that_case_alone() -> None:
    world = World()
    reporter = Reporter(name="somebody", phone="0912 000 11 22")
    said = replace(submission(PERSONAL), reporter=reporter, place=Place(lat=35.96234, lon=50.68))

    world.handle(encode(said))

    first, _ = world.decided()
    key = decode(world.log.values(KEYRING)[0], Key)
    opened = sealing.unseal(
        first.content,
        key=sealing.unwrap(key.wrapped, MASTER),
        bound_to=f"case/{first.case_id}/content",
    )
    assert decode(opened, Content).text == PERSONAL
    written = b"".join(one.value or b"" for one in world.log.records)
    assert PERSONAL.encode() not in written
    assert b"somebody" not in written
    assert b"0001122" not in written
    assert b"35.962}" not in written
    assert first.area is not None
    assert first.area.lat == 35.962


def test_the_same_message_twice_gives_the_same_ids() -> None:
    world = World()

    world.handle(encode(submission()))
    world.handle(encode(submission()))

    ids = [fact.fact_id for fact in world.facts()]
    assert ids[:2] == ids[2:]


def test_the_same_key_with_other_content_is_told_apart() -> None:
    world = World()

    world.handle(encode(submission("درخت")))
    world.handle(encode(submission("چاله")))

    facts = world.facts()
    assert facts[0].case_id == facts[2].case_id
    assert facts[0].fact_id != facts[2].fact_id


def test_only_what_lies_in_the_inbox_of_parts_is_a_part() -> None:
    part = replace(submission(), part_of=CASE_ID, author=Author(f"split/{CASE_ID}"))
    parts, web, sms = World(), World(), World()

    parts.handle(encode(part), inbox="intake-parts")
    web.handle(encode(part))
    sms.handle(encode(replace(part, channel="sms")), inbox="intake-hashtgerd-sms-gateway")

    assert [world.decided()[0].part_of for world in (parts, web, sms)] == [CASE_ID, None, None]


def test_a_part_of_any_channel_is_taken_and_one_that_names_nobody_is_not() -> None:
    part = replace(submission(), part_of=CASE_ID, author=Author(f"split/{CASE_ID}"))
    phone, nobody = World(), World()

    phone.handle(encode(replace(part, channel="phone")), inbox="intake-parts")
    nobody.handle(encode(replace(part, author=None)), inbox="intake-parts")

    assert phone.decided()[0].channel == "phone"
    assert "/author" in nobody.letters()[0].reason


def test_a_part_that_comes_again_without_its_words_is_the_same_submission() -> None:
    world = World()
    part = replace(submission(), part_of=CASE_ID, author=Author(f"split/{CASE_ID}"))

    world.handle(encode(part), inbox="intake-parts")
    world.handle(encode(replace(part, text="پاک شد")), inbox="intake-parts")
    world.handle(encode(replace(part, reference="another")), inbox="intake-parts")

    ids = [fact.fact_id for fact in world.facts() if isinstance(fact, Submitted)]
    assert ids[0] == ids[1] != ids[2]


def test_what_the_words_doubt_goes_to_the_centre_with_the_reason() -> None:
    world = World()

    world.handle(encode(submission("سلام خسته نباشید")))

    _, routed = world.decided()
    assert routed.department == CENTRE
    assert routed.reason


def test_an_adapters_inbox_is_the_author_whatever_the_payload_says() -> None:
    world = World()
    said = replace(submission(), channel="sms", author=Author("somebody-else"))

    world.handle(encode(said), inbox="intake-hashtgerd-sms-gateway")

    first, _ = world.decided()
    assert first.author == "intake-hashtgerd-sms-gateway"


@pytest.mark.parametrize(
    ("value", "inbox", "kind", "words"),
    [
        (b"\xff\xfe", "intake-web", "unreadable", "JSON"),
        (b"", "intake-web", "unreadable", "JSON"),
        (b'{"type":"submission.v9"}', "intake-web", "unreadable", "type"),
        (encode(replace(submission(), author=None)), "intake-web", "refused", "/author"),
        (encode(submission(" ")), "intake-web", "refused", "/text"),
        (encode(submission("x" * 8_001)), "intake-web", "refused", "/text"),
        (
            encode(replace(submission(), municipality=Municipality("atlantis"))),
            "intake-web",
            "refused",
            "/municipality",
        ),
        (
            encode(replace(submission(), place=Place(lat=91, lon=0))),
            "intake-web",
            "refused",
            "/place/lat",
        ),
        (
            encode(replace(submission(), occurred_at=NOON.replace(year=2030))),
            "intake-web",
            "refused",
            "/occurred_at",
        ),
        (
            encode(replace(submission(), occurred_at=NOON.replace(year=1))),
            "intake-web",
            "refused",
            "/occurred_at",
        ),
        (encode(submission()), "intake-sms", "refused", "/channel"),
        (encode(submission()), "intake-nowhere", "refused", "inbox"),
    ],
)
def test_what_cannot_be_a_case_is_kept_sealed_with_the_reason(
    value: bytes, inbox: str, kind: str, words: str
) -> None:
    world = World()

    world.handle(value, inbox=inbox)

    (letter,) = world.letters()
    assert (letter.kind, world.facts()) == (kind, [])
    assert words in letter.reason
    where = f"dead-letter/{inbox}/1/0/7"
    assert sealing.unseal_alone(letter.payload, master=MASTER, bound_to=where) == value


def test_a_message_too_large_for_the_log_is_kept_whole_and_the_centre_has_its_beginning() -> None:
    world = World()
    world.log.limits[CASE_FACTS] = 3_000
    said = submission("درخت " * 1_000)

    world.handle(encode(said))

    (letter,) = world.letters()
    _, routed = world.decided()
    assert letter.kind == "too-large"
    assert routed.department == CENTRE
    assert "dead letters" in routed.reason


def test_a_dead_letter_too_large_for_its_topic_is_kept_in_part() -> None:
    world = World()
    world.log.limits[DEAD_LETTERS] = 100_000

    world.handle(b"\xff" * 200_000)

    (letter,) = world.letters()
    assert "first" in letter.reason


def test_a_failure_of_our_reasoning_costs_one_message_its_department_and_nothing_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World()
    decide = handler_module.decide

    def broken(said: Submission, *rest: Any, to_centre: str | None) -> object:  # noqa: ANN401
        if to_centre is None:
            raise KeyError(said.text)
        return decide(said, *rest, to_centre=to_centre)

    monkeypatch.setattr(handler_module, "decide", broken)
    world.handle(encode(submission(PERSONAL)))

    (letter,) = world.letters()
    _, routed = world.decided()
    assert (letter.kind, routed.department) == ("incident", CENTRE)
    shown = capsys.readouterr()
    assert PERSONAL not in shown.out + shown.err


def test_a_departments_report_speaks_for_the_inbox_it_lies_in() -> None:
    world = World()
    report = ProgressReport(case_id=CASE_ID, did="acknowledged", department=CENTRE)

    world.handle(encode(report), inbox="progress-hashtgerd-parks")

    (fact,) = world.facts()
    assert isinstance(fact, Acknowledged)
    assert (fact.municipality, fact.department) == (CITY, PARKS)
    assert fact.fact_id == ("progress-hashtgerd-parks/progress-hashtgerd-parks-1-0-7/acknowledged")


def test_a_resolutions_note_is_sealed() -> None:
    world = World()
    report = ProgressReport(case_id=CASE_ID, did="resolved", note="rang the bell", reference="r1")

    world.handle(encode(report), inbox="progress-hashtgerd-parks")

    (fact,) = world.facts()
    assert isinstance(fact, Resolved)
    assert fact.evidence is not None
    assert [one.topic for one in world.log.records] == [KEYRING, CASE_FACTS]
    assert all(b"rang the bell" not in (one.value or b"") for one in world.log.records)


@pytest.mark.parametrize("did", ["acknowledged", "started", "information-requested"])
def test_a_note_of_any_report_is_sealed(did: Deed) -> None:
    world = World()
    report = ProgressReport(case_id=CASE_ID, did=did, note=PERSONAL, evidence=("photo-1",))

    world.handle(encode(report), inbox="progress-hashtgerd-parks")

    (fact,) = world.facts()
    part = sealed_of(fact)
    key = decode(world.log.values(KEYRING)[0], Key)
    assert part is not None
    assert part.block.kid == key.kid
    opened = sealing.unseal(
        part.block, key=sealing.unwrap(key.wrapped, MASTER), bound_to=part.bound_to
    )
    assert decode(opened, Evidence) == Evidence(note=PERSONAL, evidence=("photo-1",))
    assert PERSONAL.encode() not in b"".join(one.value or b"" for one in world.log.records)


def test_an_order_of_our_desk_to_promise_anew_becomes_its_facts_and_no_departments_does() -> None:
    order = DeadlineOrder(
        case_id=CASE_ID,
        municipality=CITY,
        reference="snow",
        author=Author("operator"),
        promise=promise(seconds=600),
        policy_version=policy().version,
        replaces=ROUTED_ID,
        reason="closed for snow",
        voids=FactId(f"{ROUTED_ID}/first-response/breached"),
    )
    desk, department, absurd = World(), World(), World()

    desk.handle(encode(order), inbox="progress-desk")
    department.handle(encode(order), inbox="progress-hashtgerd-parks")
    absurd.handle(
        encode(replace(order, promise=replace(order.promise, budget_seconds=-1))),
        inbox="progress-desk",
    )

    assert [one.type for one in desk.facts()] == ["case.breach-voided.v1", "case.deadline-set.v1"]
    assert (department.facts(), absurd.facts()) == ([], [])
    assert [one.kind for one in department.letters()] == ["unreadable"]
    (letter,) = absurd.letters()
    assert (letter.kind, "/promise/budget_seconds" in letter.reason) == ("refused", True)


def test_the_desk_says_what_a_department_may_not() -> None:
    desk, department = World(), World()
    report = ProgressReport(
        case_id=CASE_ID,
        did="reopened",
        note="the lamp went out again",
        author=Author("operator"),
        municipality=CITY,
    )

    desk.handle(encode(report), inbox="progress-desk")
    department.handle(encode(report), inbox="progress-hashtgerd-parks")

    (fact,) = desk.facts()
    assert isinstance(fact, Reopened)
    assert department.facts() == []
    assert "/did" in department.letters()[0].reason


def test_the_desk_must_say_who_speaks() -> None:
    world = World()

    world.handle(encode(ProgressReport(case_id=CASE_ID, did="resolved")), inbox="progress-desk")

    assert world.letters()[0].kind == "refused"


def test_a_repair_is_decided_as_the_first_time_with_its_first_source() -> None:
    world = World()
    first = Repair(
        source=source(7),
        recorded_at=NOON,
        attempt=1,
        why="gap",
        payload=base64.b64encode(encode(submission())).decode(),
    )
    last = replace(first, attempt=4, to_centre=True)

    world.handle(encode(submission()))
    for order in (first, last):
        asyncio.run(
            world.handler.repair(
                Incoming(source=source(0, inbox="repairs"), at=NOON, value=encode(order))
            )
        )

    facts = world.facts()
    assert facts[0].fact_id == facts[2].fact_id == facts[4].fact_id
    departments = [fact.department for fact in facts if isinstance(fact, Routed)]
    assert departments == [PARKS, PARKS, CENTRE]
    assert {fact.source for fact in facts if isinstance(fact, Routed)} == {source(7)}


def test_a_category_that_the_reporter_chose_is_taken_and_an_unknown_one_is_not() -> None:
    world = World()

    world.handle(encode(replace(submission("هرچه"), category=Category("GRN-02"))))
    world.handle(encode(replace(submission("چاله"), category=Category("ZZZ-99"))))

    departments = [fact.department for fact in world.facts() if isinstance(fact, Routed)]
    assert departments == [PARKS, "fani"]


def test_an_order_of_our_desk_to_forget_becomes_a_fact_and_no_departments_does() -> None:
    order = encode(Erasure(case_id=CASE_ID, reference="letter-1", author=Author("operator")))
    desk, department = World(), World()

    desk.handle(order, inbox="progress-desk")
    department.handle(order, inbox="progress-hashtgerd-parks")

    (fact,) = desk.facts()
    assert isinstance(fact, ReporterErased)
    assert (fact.fact_id, fact.case_id) == ("operator/letter-1/reporter-erased", CASE_ID)
    assert department.facts() == []
    assert [one.kind for one in department.letters()] == ["unreadable"]


def test_a_row_of_another_system_is_sealed_and_appended_whole() -> None:
    world, row = World(), replace(imported_case(), text=PERSONAL)

    world.handle(encode(row), inbox="imports")

    assert [one.topic for one in world.log.records] == [KEYRING, *[CASE_FACTS] * 4]
    assert PERSONAL.encode() not in b"".join(one.value or b"" for one in world.log.records)


def test_a_row_that_no_policy_allows_is_kept_with_the_reason() -> None:
    world = World()

    world.handle(encode(replace(imported_case(), system="another")), inbox="imports")

    (letter,) = world.letters()
    assert (letter.kind, world.facts()) == ("refused", [])
    assert "another" not in letter.reason


def test_a_category_that_no_policy_names_is_not_kept_in_the_open() -> None:
    world = World()

    world.handle(encode(replace(submission(), category=Category("my own name and number"))))

    first, _ = world.decided()
    assert first.category_chosen is None
    assert b"my own name" not in b"".join(one.value or b"" for one in world.log.records)
