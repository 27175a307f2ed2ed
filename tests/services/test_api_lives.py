"""The life of a case as the read API and the citizen see it: verdicts, bodies, parts, followers."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest

from schemas.facts import Fact
from schemas.living import Noted
from schemas.vocabulary import Department, FactId
from streams.core.ids import spoken
from tests.builders import PARKS, acknowledged, after, closed_without_action, resolved
from tests.edges import APP_KEY, CITY_KEY, ELSEWHERE_KEY, PARKS_KEY, bearer
from tests.lived import (
    WATER,
    body_answered,
    confirmed,
    disputed,
    handed_over,
    lived,
    lively,
    noted,
    rated,
    split,
    to_be_judged,
    undisputed,
)
from tests.reading import READ, Tables, asked, case_id, code, filled, get, listed
from tests.steering import DAY, HOUR, ROADS, known, linked, opened, unlinked
from tests.steering import asked as question

pytestmark = pytest.mark.integration

VERSION = lively()
TERMS = known(VERSION)
JUDGED, AGAIN, ABROAD, WHOLE, PART, PART_ELSEWHERE, FIRST, FOLLOWS = range(1, 9)
FOLLOWS_ELSEWHERE, APART, CHAINED, ROUND, ABOUT, DROPPED, LOST = range(9, 16)
UNTIL = after(7 * DAY)
END = after(900 * DAY)
PUBLIC = "گروه ما فردا می‌آید"
INTERNAL = "کلید نزد همسایه است"
CITIZENS = "شمارهٔ من عوض شده است"
QUESTION = "پلاک چند است؟"
REPEATED = "پرسشی از نخستین شهروند"


def begun(one: int, *, department: Department = PARKS, at: float = 0) -> tuple[Fact, Fact]:
    first, second = opened(VERSION, after(at), case_id(one))
    return replace(first, tracking_code=code(one)), replace(second, department=department)


def part_of(whole: int, one: int, department: Department) -> tuple[Fact, Fact]:
    first, second = begun(one, department=department, at=120)
    return replace(first, part_of=case_id(whole)), second


def follows(one: int, parent: int, *, at: float, department: Department = PARKS) -> list[Fact]:
    told = begun(one, department=department, at=at)
    return [*told, linked(after(at + 30), case_id(parent), case_id=case_id(one))]


def done(one: int, at: float = 600) -> Any:  # noqa: ANN401  # a resolution that may be disputed
    return to_be_judged(resolved(case_id(one), at=after(at)), until=UNTIL, silent=after(3 * DAY))


_DROPPED = replace(
    closed_without_action(case_id(DROPPED), at=after(600)), undisputed_at=after(3 * DAY)
)
HISTORIES: dict[int, list[Fact]] = {
    JUDGED: [
        *begun(JUDGED),
        acknowledged(case_id(JUDGED), at=after(60)),
        done(JUDGED),
        confirmed(after(700), case_id=case_id(JUDGED)),
        rated(after(710), 2, case_id=case_id(JUDGED)),
        confirmed(after(720), case_id=case_id(JUDGED)),
    ],
    AGAIN: [*begun(AGAIN), done(AGAIN), disputed(after(HOUR), case_id=case_id(AGAIN))],
    ABROAD: [
        *begun(ABROAD),
        handed_over(after(60), case_id=case_id(ABROAD), reference="W-1"),
        body_answered(after(90), "accepted", case_id=case_id(ABROAD), reference="W-2"),
    ],
    WHOLE: [*begun(WHOLE), split(after(90), case_id=case_id(WHOLE))],
    PART: [*part_of(WHOLE, PART, PARKS)],
    PART_ELSEWHERE: [*part_of(WHOLE, PART_ELSEWHERE, ROADS)],
    FIRST: [
        *begun(FIRST),
        noted(after(30), "public", case_id=case_id(FIRST)),
        noted(after(31), case_id=case_id(FIRST)),
        lived(
            Noted,
            after(32),
            case_id=case_id(FIRST),
            role="citizen",
            author="citizen",
            visibility="public",
        ),
        replace(question(after(40)), case_id=case_id(FIRST)),
        done(FIRST),
    ],
    FOLLOWS: [
        *follows(FOLLOWS, FIRST, at=300),
        noted(after(340), "public", case_id=case_id(FOLLOWS)),
        noted(after(341), case_id=case_id(FOLLOWS)),
    ],
    FOLLOWS_ELSEWHERE: follows(FOLLOWS_ELSEWHERE, FIRST, at=310, department=ROADS),
    APART: [
        *follows(APART, FIRST, at=320),
        replace(unlinked(after(800)), case_id=case_id(APART)),
    ],
    CHAINED: follows(CHAINED, FOLLOWS, at=330),
    ROUND: follows(ROUND, ABOUT, at=400),
    ABOUT: follows(ABOUT, ROUND, at=410),
    DROPPED: [*begun(DROPPED), _DROPPED, undisputed(_DROPPED, after(3 * DAY + 1))],  # type: ignore[arg-type]  # a closing too
    LOST: follows(LOST, 99, at=420),
}
NOTES: dict[FactId, str] = {
    HISTORIES[FIRST][2].fact_id: PUBLIC,
    HISTORIES[FIRST][3].fact_id: INTERNAL,
    HISTORIES[FIRST][4].fact_id: CITIZENS,
    HISTORIES[FIRST][5].fact_id: REPEATED,
    HISTORIES[FOLLOWS][3].fact_id: QUESTION,
    HISTORIES[FOLLOWS][4].fact_id: INTERNAL,
}


@pytest.fixture(scope="module")
def url(database: str) -> str:
    async def fill(tables: Tables) -> None:
        for facts in HISTORIES.values():
            await tables.add(*facts, terms=TERMS, notes=NOTES)

    filled(database, fill)
    return database


def shown(url: str, one: int, at: datetime | None = None, key: dict[str, str] = READ) -> Any:  # noqa: ANN401  # JSON
    moment = f"?at={quote(at.isoformat())}" if at else ""
    answer = get(url, f"/api/v1/cases/{case_id(one)}{moment}", key, policies=(VERSION,))
    assert answer.status_code == 200, answer.text
    return answer.json()


def facts(url: str, one: int, key: dict[str, str] = READ) -> list[dict[str, Any]]:
    answer = get(url, f"/api/v1/cases/{case_id(one)}/facts", key, policies=(VERSION,))
    assert answer.status_code == 200, answer.text
    return answer.json()["facts"]


def tracked(url: str, one: int) -> Any:  # noqa: ANN401  # JSON
    answer = get(url, f"/api/v1/track/{code(one)}", policies=(VERSION,))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("one", HISTORIES)
def test_a_case_at_the_end_of_time_is_the_case_as_it_is_stored(url: str, one: int) -> None:
    assert shown(url, one, END) == shown(url, one)


def test_a_verdict_stands_beside_what_the_department_says(url: str) -> None:
    case = shown(url, JUDGED)

    assert (case["state"], case["verdict"], case["stars"]) == ("resolved", "confirmed", 2)
    assert datetime.fromisoformat(case["dispute_until"]) == UNTIL
    before = shown(url, JUDGED, after(650))
    assert (before["state"], before["verdict"], before["stars"]) == ("resolved", None, None)
    dropped = shown(url, DROPPED)
    assert (dropped["state"], dropped["verdict"]) == ("closed", "undisputed")


def test_what_is_disputed_is_open_and_keeps_the_verdict_until_it_is_closed(url: str) -> None:
    case = shown(url, AGAIN)

    assert (case["state"], case["verdict"], case["dispute_until"]) == ("routed", "disputed", None)


def test_whom_a_case_was_handed_over_to_is_named_with_its_own_number(url: str) -> None:
    body = {"body": WATER, "title_fa": "آب و فاضلاب", "title_en": "Water and sewage"}

    assert shown(url, ABROAD)["body"] == body | {"answer": "accepted", "reference": "W-2"}
    assert shown(url, ABROAD, after(70))["body"] == body | {"answer": None, "reference": "W-1"}
    assert shown(url, ABROAD, after(50))["body"] is None


def test_a_case_names_its_parts_and_a_part_where_it_comes_from(url: str) -> None:
    assert shown(url, WHOLE)["parts"] == {
        "count": 2,
        "case_ids": [case_id(PART), case_id(PART_ELSEWHERE)],
    }
    assert shown(url, WHOLE, after(100))["parts"] == {"count": 2, "case_ids": []}
    assert shown(url, WHOLE, after(80))["parts"] == {"count": 0, "case_ids": []}
    assert shown(url, PART)["part_of"] == case_id(WHOLE)


def test_a_case_counts_all_that_follow_it_and_names_those_that_the_key_sees(url: str) -> None:
    every = {case_id(FOLLOWS), case_id(FOLLOWS_ELSEWHERE)}

    followers = shown(url, FIRST)["followers"]
    assert (followers["count"], set(followers["case_ids"])) == (2, every)
    own = shown(url, FIRST, key=bearer(PARKS_KEY))["followers"]
    assert own == {"count": 2, "case_ids": [case_id(FOLLOWS)]}
    parts = shown(url, WHOLE, key=bearer(PARKS_KEY))["parts"]
    assert parts == {"count": 2, "case_ids": [case_id(PART)]}


def test_what_followed_then_is_said_of_then(url: str) -> None:
    early = shown(url, FIRST, after(335))["followers"]
    later = shown(url, FIRST, after(700))["followers"]

    assert early == {"count": 1, "case_ids": [case_id(FOLLOWS)]}
    assert case_id(APART) in later["case_ids"]
    assert later["count"] == 3


def test_what_follows_says_the_first_case_however_long_the_way(url: str) -> None:
    first = {"case_id": case_id(FIRST), "tracking_code": spoken(code(FIRST)), "state": "resolved"}

    assert shown(url, FOLLOWS)["follows"] == shown(url, CHAINED)["follows"] == first
    assert shown(url, CHAINED, after(370))["follows"] == first | {"state": "acknowledged"}
    assert shown(url, CHAINED)["parent"] == case_id(FOLLOWS)
    assert shown(url, APART)["follows"] is None


@pytest.mark.parametrize("one", [ROUND, ABOUT, LOST])
def test_what_follows_itself_in_a_circle_or_nothing_that_is_here_is_shown_all_the_same(
    url: str, one: int
) -> None:
    assert (shown(url, one)["state"], shown(url, one)["follows"]) == ("linked", None)
    assert tracked(url, one)["state"] == "linked"
    assert tracked(url, one)["first_tracking_code"] is None


def test_of_a_first_case_that_the_key_may_not_see_there_is_only_its_name(database: str) -> None:
    mine, theirs = 40, 41
    history = follows(mine, theirs, at=600)

    async def fill(tables: Tables) -> None:
        await tables.add(*begun(theirs, department=ROADS), terms=TERMS)
        await tables.add(*history, terms=TERMS)

    filled(database, fill)

    hidden = {"case_id": case_id(theirs), "tracking_code": None, "state": None}
    assert shown(database, mine, key=bearer(PARKS_KEY))["follows"] == hidden
    assert shown(database, mine, END, key=bearer(PARKS_KEY))["follows"] == hidden


def test_what_may_change_without_the_case_is_sent_again(url: str) -> None:
    def again(one: int) -> int:
        path = f"/api/v1/cases/{case_id(one)}"
        tag = get(url, path, READ).headers["etag"]
        return get(url, path, READ | {"If-None-Match": tag}, policies=(VERSION,)).status_code

    assert again(JUDGED) == 304
    assert [again(one) for one in (FIRST, FOLLOWS, WHOLE)] == [200] * 3


def test_each_fact_says_as_what_it_was_said_and_by_what_kind_of_author(url: str) -> None:
    who = [(one["role"], one["author_kind"]) for one in facts(url, JUDGED)]
    assert who == [
        (None, "client"),
        (None, None),
        ("member", "department"),
        ("member", "department"),
        ("citizen", "citizen"),
        ("citizen", "citizen"),
        ("citizen", "citizen"),
    ]
    noted_by = [(one["role"], one["author_kind"]) for one in facts(url, FIRST)[2:4]]
    assert noted_by == [("operator", "staff")] * 2


def test_a_refused_fact_says_why_in_both_languages(url: str) -> None:
    *effective, last = facts(url, JUDGED)

    assert {one["refused_for"] for one in effective} == {None}
    assert last["judgement"] == "refused"
    assert last["refused_for"]["code"] == "confirmed-already"
    assert last["refused_for"]["words_en"] == last["refusal"]
    assert "شهروند" in last["refused_for"]["words_fa"]


@pytest.mark.parametrize("key", [READ, bearer(CITY_KEY), bearer(PARKS_KEY)])
def test_who_sees_a_case_reads_every_note_of_it(url: str, key: dict[str, str]) -> None:
    notes = [one["said"]["note"] for one in facts(url, FIRST, key) if one["said"]]

    assert notes == [PUBLIC, INTERNAL, CITIZENS, REPEATED]


@pytest.mark.parametrize(("key", "status"), [(APP_KEY, 403), (ELSEWHERE_KEY, 404)])
def test_a_channel_and_whoever_does_not_see_the_case_read_no_note(
    url: str, key: str, status: int
) -> None:
    answer = get(url, f"/api/v1/cases/{case_id(FIRST)}/facts", bearer(key), policies=(VERSION,))

    assert answer.status_code == status
    assert INTERNAL not in answer.text


@pytest.mark.parametrize("one", [FIRST, FOLLOWS, CHAINED])
def test_no_citizen_reads_an_internal_note_or_what_another_citizen_wrote(
    url: str, one: int
) -> None:
    form = f"code={spoken(code(one))}"
    page = asked(url, lambda ask: ask("POST", "/", content=form), policies=(VERSION,))

    for text in (str(tracked(url, one)), page.text):
        assert INTERNAL not in text
        assert CITIZENS not in text
        assert "somebody" not in text


def test_a_citizen_reads_what_is_said_to_them_and_what_is_public_of_the_first_case(
    url: str,
) -> None:
    own, follower = (
        [(m["kind"], m["text"]) for m in tracked(url, one)["messages"]] for one in (FIRST, FOLLOWS)
    )

    assert own == [("note", PUBLIC), ("question", REPEATED)]
    # What the first citizen is asked is not another's to answer.
    assert follower == [("note", PUBLIC), ("note", QUESTION)]


def test_whoever_reported_it_too_sees_how_the_first_case_stands_and_its_code(url: str) -> None:
    first, follower, chained = (tracked(url, one) for one in (FIRST, FOLLOWS, CHAINED))

    for name in ("state", "department", "deadlines", "dispute_until", "verdict"):
        assert first[name] == follower[name] == chained[name], name
    assert first["first_tracking_code"] is None
    assert follower["first_tracking_code"] == chained["first_tracking_code"] == spoken(code(FIRST))
    assert follower["tracking_code"] == spoken(code(FOLLOWS))
    assert [one["step"] for one in follower["steps"]] == ["submitted", "routed", "linked"]


def test_a_citizen_is_told_until_when_to_dispute_and_what_they_said_themselves(url: str) -> None:
    case = tracked(url, JUDGED)

    assert datetime.fromisoformat(case["dispute_until"]) == UNTIL
    assert (case["verdict"], case["stars"]) == ("confirmed", 2)
    assert [one["step"] for one in case["steps"]][-3:] == ["resolved", "confirmed", "rated"]
    again = tracked(url, AGAIN)
    assert (again["state"], again["verdict"], again["dispute_until"]) == (
        "routed",
        "disputed",
        None,
    )
    assert tracked(url, DROPPED)["steps"][-1]["step"] == "undisputed"


def test_a_citizen_is_told_whom_it_was_handed_over_to_and_what_it_became(url: str) -> None:
    assert tracked(url, ABROAD)["handed_over"] == {
        "id": WATER,
        "title_fa": "آب و فاضلاب",
        "title_en": "Water and sewage",
        "answer": "accepted",
        "reference": "W-2",
    }
    assert tracked(url, WHOLE)["parts"] == [spoken(code(one)) for one in (PART, PART_ELSEWHERE)]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (JUDGED, "انجام آن را تأیید کردید"),
        (JUDGED, "۲ از ۵"),
        (AGAIN, "گفتید که انجام نشده است"),
        (ABROAD, "آب و فاضلاب — پذیرفته است"),
        (WHOLE, spoken(code(PART))),
        (FOLLOWS, spoken(code(FIRST))),
        (FIRST, PUBLIC),
        (DROPPED, "اعتراضی نرسید"),
    ],
)
def test_the_page_says_it_in_persian(url: str, one: int, words: str) -> None:
    form = f"code={spoken(code(one))}"
    page = asked(url, lambda ask: ask("POST", "/", content=form), policies=(VERSION,))

    assert page.status_code == 200
    assert words in page.text


def test_lists_leave_what_the_citizen_said_and_what_another_body_has(url: str) -> None:
    assert listed(url, "verdict=confirmed") == [JUDGED]
    assert listed(url, "verdict=disputed") == [AGAIN]
    assert listed(url, "verdict=undisputed&state=closed") == [DROPPED]
    assert sorted(listed(url, "verdict=confirmed&verdict=disputed")) == [JUDGED, AGAIN]
    assert listed(url, "state=handed-over") == [ABROAD]
    assert get(url, "/api/v1/cases?verdict=perhaps", READ).status_code == 422
    (summary,) = get(url, "/api/v1/cases?verdict=confirmed", READ).json()["cases"]
    assert (summary["verdict"], summary["stars"], summary["bounces"]) == ("confirmed", 2, 0)


def test_counts_keep_what_was_not_fixed_and_silence_apart_from_what_was_confirmed(
    url: str,
) -> None:
    answer = get(url, "/api/v1/cases/counts?by=state&by=verdict", READ).json()

    groups = {(one["state"], one["verdict"]): one["count"] for one in answer["groups"]}
    assert groups["resolved", "confirmed"] == 1
    assert groups["closed", "undisputed"] == 1
    assert groups["resolved", None] == 1
    assert ("closed", "confirmed") not in groups
