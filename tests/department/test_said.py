"""What a department says is looked through before it leaves: the router is not to set it aside."""

import base64
from typing import Any, cast

import pytest

from schemas.codec import decode
from schemas.messages import ProgressReport, ReportedPart
from schemas.topics import ProgressInbox
from schemas.vocabulary import DEEDS as ALL_DEEDS
from schemas.vocabulary import Deed
from services.department import said
from services.department.said import DEEDS, NEEDED, ReportError, What, written
from streams.core import reporting
from streams.core.deeds import CASE_ID_CHARACTERS_MAX
from streams.core.in_force import ready, with_version
from streams.core.refused import RefusedError
from streams.core.reporting import DEPARTMENTS_DEEDS, reported
from tests.builders import CASE_ID, CITY, NOON, PARKS, source
from tests.policies import policy

PARTS = (ReportedPart(text="the lamp"), ReportedPart(text="the bench"))
EXAMPLES: dict[str, Any] = {
    "reason": "weather",
    "why": "not-ours",
    "note": "seen",
    "body": "water-company",
    "answer": "done",
    "parts": PARTS,
}
INBOX = ProgressInbox(topic="progress-hashtgerd-parks", municipality=CITY, department=PARKS)


def enough(did: Deed) -> What:
    """The least that goes with a deed."""
    needed = NEEDED.get(did)
    if needed is None:
        return {}
    why = "wrong-department" if did == "transfer-requested" else EXAMPLES[needed]
    return cast("What", {needed: why if needed == "why" else EXAMPLES[needed]})


def report(did: Deed, what: What) -> ProgressReport:
    return decode(written(CASE_ID, did, "r-1", what), ProgressReport)


def test_a_department_may_say_what_the_router_takes_from_its_inbox() -> None:
    assert set(DEEDS) == DEPARTMENTS_DEEDS


@pytest.mark.parametrize("did", DEEDS)
def test_every_deed_is_written_with_what_it_needs_and_not_without(did: Deed) -> None:
    assert report(did, enough(did)).did == did
    if did in NEEDED:
        with pytest.raises(ReportError, match=f"{NEEDED[did]}: is missing"):
            written(CASE_ID, did, "r-1", {})


@pytest.mark.parametrize("did", [one for one in DEEDS if one in NEEDED])
def test_what_is_asked_for_here_is_what_the_router_would_refuse(did: Deed) -> None:
    published = with_version({}, ready(policy()))
    bare = ProgressReport(case_id=CASE_ID, did=did, reference="r-1")

    with pytest.raises(RefusedError, match=f"/{NEEDED[did]}:"):
        reported(bare, INBOX, source(), NOON, None, published)


@pytest.mark.parametrize("did", [one for one in DEEDS if one not in NEEDED])
def test_what_needs_nothing_is_taken_bare(did: Deed) -> None:
    published = with_version({}, ready(policy()))

    assert reported(report(did, {}), INBOX, source(), NOON, None, published)


def test_the_limits_are_the_routers() -> None:
    assert said.EVIDENCE_MAX == reporting.EVIDENCE_MAX
    assert said.TEXT_CHARACTERS_MAX == reporting.NOTE_CHARACTERS_MAX
    assert said.CASE_ID_CHARACTERS_MAX == CASE_ID_CHARACTERS_MAX


def test_who_speaks_is_not_said_since_the_inbox_says_it() -> None:
    found = report("noted", {"note": "seen", "visibility": "public"})

    assert (found.author, found.role, found.department, found.municipality) == (None,) * 4


@pytest.mark.parametrize("name", ["author", "role", "department", "because", "stars", "type"])
def test_what_a_department_does_not_say_is_refused_rather_than_passed_over(name: str) -> None:
    with pytest.raises(ReportError, match=name):
        written(CASE_ID, "started", "r-1", cast("What", {name: "head"}))


@pytest.mark.parametrize("did", [*sorted(set(ALL_DEEDS) - set(DEEDS)), "repaired"])
def test_a_deed_of_others_is_refused_with_those_that_are_its_own(did: str) -> None:
    with pytest.raises(ReportError, match="it says: acknowledged"):
        written(CASE_ID, cast("Deed", did), "r-1", {})


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"note": "x" * 8_001}, "note: is longer than 8000"),
        ({"note": "a\x00b"}, "note: .* NUL"),
        ({"note": "\ud800"}, "."),
        ({"note": 7}, "note"),
        ({"evidence": ["x"] * 21}, "evidence: holds more than 20"),
        ({"evidence": ["x" * 8_001]}, "evidence: is longer"),
        ({"evidence": ["\U0001f333" * 8_000] * 20}, "bytes, too many"),
        ({"if_version": "7"}, "if_version"),
        ({"visibility": "secret"}, "visibility"),
        ({"parts": [{"text": 3}]}, "parts"),
        ({"note": {1, 2}}, "set cannot be written"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(what: dict[str, Any], words: str) -> None:
    with pytest.raises(ReportError, match=words):
        written(CASE_ID, "resolved", "r-1", cast("What", what))


@pytest.mark.parametrize("reference", ["", "  ", "x" * 201, "a\x00"])
def test_a_report_has_a_reference(reference: str) -> None:
    with pytest.raises(ReportError, match="reference"):
        written(CASE_ID, "started", reference, {})


@pytest.mark.parametrize("case_id", ["", "x" * 65])
def test_a_report_is_of_a_case(case_id: str) -> None:
    with pytest.raises(ReportError, match="case_id"):
        written(case_id, "started", "r-1", {})


def test_lists_and_texts_arrive_as_they_were_given() -> None:
    photo = "photo:" + base64.b64encode(b"x").decode()

    found = report("split", {"parts": list(PARTS), "evidence": [photo], "if_version": 0})

    assert found.parts == PARTS
    assert found.evidence == (photo,)
    assert found.if_version == 0
