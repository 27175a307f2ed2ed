"""Lists and counts of cases: every filter, every order, pages that stand still, and bad input."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import asyncpg
import httpx
import pytest

from schemas.facts import Fact
from schemas.vocabulary import Department
from services.api import counting, listing
from services.api.cursor import CHECKSUM_BYTES
from services.api.query import TEXT_CHARACTERS_MAX
from streams.core.ids import spoken
from tests.builders import CITY, NOON, acknowledged, after, closed_without_action, past, resolved
from tests.edges import PARKS_KEY, bearer
from tests.reading import BOSTON, READ, Ask, Tables, asked, case_id, code, filled, get, listed, told

pytestmark = pytest.mark.integration

FANI = Department("fani")
NOW = NOON + timedelta(hours=1)
WORDS = {
    0: "درخت روی ماشین افتاده",
    1: "آب لوله شکسته و خیابان را گرفته",
    2: "كوچه تاريك است، چراغ‌هاي برق خاموش",
    3: "kooche ma tarike, cheragh nadarim",
    4: "The street light is out at 12 Main St",
    5: "ابان ماه است",
}
COUNT = 12
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@pytest.fixture(scope="module")
def city(database: str) -> str:
    """Twelve cases a minute apart, the lower numbers first."""

    async def fill(tables: Tables) -> None:
        for number in range(COUNT):
            first, second = told(
                number,
                at=after(60 * number),
                municipality=BOSTON if number in {4, 10} else CITY,
                department=FANI if number % 3 == 1 else Department("parks"),
                category="CIV-01" if number % 3 == 1 else "GRN-02",
                channel="sms" if number == 2 else "web",
            )
            if number == 10:
                first = past(first, NOON - timedelta(days=9))
            await tables.add(
                first, second, *_later(number), text=WORDS.get(number, "سطل زباله پر است")
            )

    filled(database, fill)
    return database


def _later(number: int) -> list[Fact]:
    case, at = case_id(number), after(60 * number + 30)
    if number == 3:
        return [acknowledged(case, at=at)]
    if number == 6:
        return [resolved(case, at=at)]
    if number == 9:
        return [closed_without_action(case, at=at)]
    return []


ALL = list(range(COUNT))
BY_TIME = [10, *[one for one in ALL if one != 10]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        ("municipality=boston", [4, 10]),
        ("municipality=boston&municipality=hashtgerd", ALL),
        ("department=fani", [1, 4, 7, 10]),
        ("department=fani&municipality=hashtgerd", [1, 7]),
        ("department=nobody", []),
        ("state=acknowledged", [3]),
        ("state=acknowledged&state=resolved&state=closed", [3, 6, 9]),
        ("state=submitted", []),
        ("channel=sms", [2]),
        ("category=CIV-01", [1, 4, 7, 10]),
        ("priority=urgent", ALL),
        ("priority=low&priority=normal", []),
        ("problem_report=false", []),
        ("historical=true", [10]),
        ("historical=false&municipality=boston", [4]),
        (
            f"submitted_from={quote(after(60).isoformat())}&submitted_to=2026-11-24T12:03:00Z",
            [1, 2],
        ),
        ("submitted_to=2026-11-20T00:00:00%2B03:30", [10]),
        ("submitted_to=2026-11-20T00:00:00+03:30", [10]),
        ("recorded_from=2026-11-24T12:10:00Z", [10, 11]),
        ("recorded_to=2026-11-24T12:01:00Z", [0]),
        ("due_before=2026-11-24T12:02:30Z&municipality=hashtgerd", [0, 1]),
    ],
)
def test_a_filter_leaves_what_fits(city: str, query: str, found: list[int]) -> None:
    assert sorted(listed(city, query)) == found


def test_what_is_overdue_depends_on_the_moment_alone(city: str) -> None:
    at = after(60 * 3 + 90)

    late = listed(city, "overdue=true&municipality=hashtgerd", now=at)
    not_late = listed(city, "overdue=false&municipality=hashtgerd", now=at)

    assert sorted(late) == [0, 1, 2]
    assert sorted(late + not_late) == [one for one in ALL if one not in {4, 10}]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("submitted", BY_TIME),
        ("-submitted", BY_TIME[::-1]),
        ("due", [0, 1, 2, 4, 5, 7, 8, 10, 11, 3]),
        ("-due", [3, 11, 10, 8, 7, 5, 4, 2, 1, 0]),
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 4, 200])
def test_pages_in_every_order_join_without_a_gap_or_a_repetition(
    city: str, sort: str, order: list[int], limit: int
) -> None:
    async def along(ask: Ask, relation: str, link: str | None) -> list[httpx.Response]:
        answers: list[httpx.Response] = []
        while link and len(answers) <= COUNT:
            answers.append(await ask("GET", link, headers=READ))
            link = related(answers[-1].headers["link"], relation)
        return answers

    async def there_and_back(ask: Ask) -> tuple[list[str], list[str]]:
        there = await along(ask, "next", f"/api/v1/cases?sort={sort}&limit={limit}")
        back = await along(ask, "prev", related(there[-1].headers["link"], "prev"))
        return _ids(there), _ids([*back[::-1], there[-1]])

    forwards, backwards = asked(city, there_and_back)

    assert forwards == [case_id(one) for one in order]
    assert backwards == forwards


def test_a_page_does_not_move_when_cases_come_in(city: str) -> None:
    async def newer_and_older(tables: Tables) -> None:
        await tables.add(*told(100, at=NOW))
        await tables.add(*told(101, at=NOON - timedelta(days=1)))

    async def gone(tables: Tables) -> None:
        for table in ("cases", "facts", "clocks", "contents", "case_words"):
            await tables.connection.execute(
                f"delete from projection.{table} where case_id = any($1)",  # noqa: S608
                [case_id(100), case_id(101)],
            )

    first = get(city, "/api/v1/cases?limit=3&channel=web", READ).json()
    filled(city, newer_and_older)
    second = listed(city, f"limit=3&channel=web&cursor={first['next_cursor']}")
    filled(city, gone)

    assert second == [7, 6, 5]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("درخت", [0]),
        ("درخت ماشین", [0]),
        ("درخت زباله", []),
        ("دِرَخـت", [0]),
        ("آب", [1]),
        ("کوچه", [2]),
        ("كوچه تاريك", [2]),
        ("چراغ های برق", [2]),
        ("kuche", [3]),
        ("KOOCHE", [3]),
        ("street LIGHT", [4]),
        ("۱۲ main", [4]),
        ("امام", ALL),
        ("00000000000000 0", [0]),
        (spoken(code(7)).translate(PERSIAN_DIGITS), [7]),
        ("%", None),
        ("'; drop table cases; --", []),
        ("دراز گردن", []),
    ],
)
def test_a_text_is_found_however_it_was_typed(
    city: str, text: str, found: list[int] | None
) -> None:
    answer = get(city, "/api/v1/cases?" + urlencode({"q": text}), READ)

    if found is None:
        assert answer.status_code == 422
    else:
        ids = [one["case_id"] for one in answer.json()["cases"]]
        assert sorted(ids) == sorted(case_id(one) for one in found)


def test_a_common_text_is_found_by_walking(city: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "CANDIDATES_MAX", 2)

    words = urlencode({"q": "زباله"})
    assert listed(city, words) == [11, 9, 8, 7, 6, 10]
    assert listed(city, f"{words}&state=resolved") == [6]
    assert listed(city, f"{words}&limit=2&sort=due") == [7, 8]


def test_what_a_walk_does_not_reach_is_found_all_the_same(
    city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "WALKED_MAX", 2)

    assert listed(city, "department=fani") == [7, 4, 1, 10]
    assert listed(city, "channel=sms&municipality=hashtgerd") == [2]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "state=unknown",
        "channel=pigeon",
        "priority=asap",
        "sort=name",
        "overdue=yes",
        "departmnet=parks",
        "department=",
        "department=%00",
        "department=" + "x" * 101,
        "&".join(f"department={one}" for one in range(21)),
        "submitted_from=yesterday",
        "submitted_from=2026-11-24T12:00:00",
        "submitted_from=0001-01-01T00:00:00%2B14:00",
        "submitted_from=9999-12-31T23:59:59-14:00",
        "due_before=2026-02-30T00:00:00Z",
        "q=" + "x" * 10_000,
        "q=" + quote("؟!… ‌ـ"),
        "q=" + quote("و"),
        "q=" + "+".join(f"word{one}" for one in range(11)),
        "cursor=",
        "cursor=x",
        "cursor=%D8%A7",
        "cursor=" + "A" * 400,
        "cursor=" + base64.urlsafe_b64encode(b"[0,null,1,2,3]").decode(),
    ],
)
def test_what_cannot_be_listed_is_a_problem_in_words(city: str, query: str) -> None:
    answer = get(city, f"/api/v1/cases?{query}", READ)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(one["detail"] for one in answer.json()["errors"])


def test_a_cursor_edited_by_hand_or_of_another_list_is_refused(city: str) -> None:
    cursor = get(city, "/api/v1/cases?limit=2&department=fani", READ).json()["next_cursor"]
    edited = [
        cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        for at in range(0, len(cursor), 5)
    ]

    for one in edited:
        answer = get(city, f"/api/v1/cases?limit=2&department=fani&cursor={one}", READ)
        assert answer.status_code == 422
    other = get(city, f"/api/v1/cases?limit=2&department=parks&cursor={cursor}", READ)
    assert "other filters" in other.json()["errors"][0]["detail"]
    assert listed(city, f"limit=9&department=fani&cursor={cursor}") == [1, 10]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"7",
        b"[]",
        b"[1e400,0,0,0,0]",
        b'["x","x",0,0,""]',
        b'[1,"\\u0000",0,1,""]',
        b'{"a":1,"b":2,"c":3,"d":4,"e":5}',
        b"[" * 150,
        b'[9999999999999999999,"%s",0,0,""]' % (b"a" * 32),
        b'[1,"%s",2,0,""]' % (b"a" * 32),
        b'[1,"%s",0,0,""]' % (b"a" * 32),
    ],
)
def test_a_cursor_of_somebody_who_knows_the_checksum_is_refused_too(
    city: str, content: bytes
) -> None:
    checksum = hashlib.sha256(b"cursor" + content).digest()[:CHECKSUM_BYTES]
    forged = base64.urlsafe_b64encode(checksum + content).decode().rstrip("=")

    assert get(city, f"/api/v1/cases?cursor={forged}", READ).status_code == 422


def test_a_summary_shows_the_beginning_of_what_was_said(city: str) -> None:
    (case,) = get(city, "/api/v1/cases?state=closed", READ).json()["cases"]

    assert case["text"] == "سطل زباله پر است"
    assert datetime.fromisoformat(case["closed_at"]) == after(60 * 9 + 30)
    assert case["due_at"] is None
    assert "0912" not in str(case)


@pytest.mark.parametrize(
    ("query", "total", "groups"),
    [
        ("", 12, []),
        ("state=closed", 1, []),
        (
            "by=municipality",
            12,
            [
                {"municipality": "hashtgerd", "count": 10, "more": False},
                {"municipality": "boston", "count": 2, "more": False},
            ],
        ),
        (
            "by=department&by=state&municipality=boston",
            2,
            [{"department": "fani", "state": "routed", "count": 2, "more": False}],
        ),
        (
            "by=overdue&municipality=boston&submitted_from=2026-11-24T12:00:00Z",
            1,
            [{"overdue": True, "count": 1, "more": False}],
        ),
        (
            "by=district&channel=sms",
            1,
            [{"district": None, "count": 1, "more": False}],
        ),
        (
            "q=" + quote("زباله") + "&by=state&by=state",
            6,
            [
                {"state": "routed", "count": 4, "more": False},
                {"state": "closed", "count": 1, "more": False},
                {"state": "resolved", "count": 1, "more": False},
            ],
        ),
    ],
)
def test_cases_are_counted_by_what_they_have(
    city: str, query: str, total: int, groups: list[dict[str, object]]
) -> None:
    counts = get(city, f"/api/v1/cases/counts?{query}", READ, now=NOW).json()

    assert counts == {"total": {"count": total, "more": False}, "groups": groups, "complete": True}


@pytest.mark.parametrize("query", ["by=name", "by=state&by=channel&by=priority", "limit=3", "q=!"])
def test_what_cannot_be_counted_is_a_problem_in_words(city: str, query: str) -> None:
    assert get(city, f"/api/v1/cases/counts?{query}", READ).status_code == 422


def test_beyond_a_number_it_is_said_that_there_are_more(
    city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "COUNTED_MAX", 3)
    monkeypatch.setattr(counting, "LOOKED_MAX", 6)
    monkeypatch.setattr(listing, "CANDIDATES_MAX", 2)

    whole = get(city, "/api/v1/cases/counts", READ).json()
    by_state = get(city, "/api/v1/cases/counts?by=state", READ).json()
    few = get(city, "/api/v1/cases/counts?by=state&q=" + quote("زباله"), READ).json()

    assert whole["total"] == {"count": 3, "more": True}
    assert by_state["total"] == {"count": 3, "more": True}
    assert [(one["state"], one["count"], one["more"]) for one in by_state["groups"]] == [
        ("routed", 3, True),
        ("acknowledged", 1, False),
        ("closed", 1, False),
        ("resolved", 1, False),
    ]
    assert few["total"] == {"count": 3, "more": True}
    assert all(one["more"] for one in few["groups"])
    assert not few["complete"]


def test_a_common_text_is_counted_exactly_where_all_that_fits_was_looked_through(
    city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CANDIDATES_MAX", 2)
    words = urlencode({"q": "زباله", "municipality": "hashtgerd"})

    whole = get(city, f"/api/v1/cases/counts?{words}", READ).json()
    by_state = get(city, f"/api/v1/cases/counts?{words}&by=state", READ).json()
    none = get(city, f"/api/v1/cases/counts?{words}&by=state&channel=sms", READ).json()

    assert whole == {"total": {"count": 5, "more": False}, "groups": [], "complete": True}
    assert [(one["state"], one["count"]) for one in by_state["groups"]] == [
        ("routed", 3),
        ("closed", 1),
        ("resolved", 1),
    ]
    assert none == {"total": {"count": 0, "more": False}, "groups": [], "complete": True}


def test_what_takes_too_long_is_a_problem_and_the_next_question_is_answered(
    city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(listing.SETTINGS, "statement_timeout", "100ms")

    async def twice(ask: Ask) -> list[httpx.Response]:
        other = await asyncpg.connect(city)
        async with other.transaction():
            await other.execute("lock table projection.cases in access exclusive mode")
            slow = await ask("GET", "/api/v1/cases/counts?by=state", headers=READ)
        await other.close()
        return [slow, await ask("GET", "/api/v1/cases?limit=1", headers=READ)]

    slow, after_it = asked(city, twice)

    assert (slow.status_code, after_it.status_code) == (422, 200)
    assert "narrow it" in slow.json()["detail"]


def test_lists_hold_what_the_key_may_see_and_nothing_beside_it(city: str) -> None:
    own = listed(city, "", bearer(PARKS_KEY))
    counts = get(city, "/api/v1/cases/counts?by=municipality", bearer(PARKS_KEY)).json()

    assert sorted(own) == [0, 2, 3, 5, 6, 8, 9, 11]
    assert counts["total"]["count"] == len(own)
    for query in ("municipality=boston", "department=fani"):
        assert get(city, f"/api/v1/cases?{query}", bearer(PARKS_KEY)).status_code == 403


def _ids(answers: list[httpx.Response]) -> list[str]:
    return [case["case_id"] for answer in answers for case in answer.json()["cases"]]


def related(header: str, relation: str) -> str | None:
    found = re.search(rf'<([^>]+)>; rel="{relation}"', header)
    return found[1] if found else None


def test_times_are_in_utc(city: str) -> None:
    (case,) = get(city, "/api/v1/cases?limit=1&sort=submitted", READ).json()["cases"]

    assert datetime.fromisoformat(case["submitted_at"]).tzinfo == UTC
    assert len(case["text"]) <= TEXT_CHARACTERS_MAX
