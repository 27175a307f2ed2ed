"""The read API on a real database: who sees what of a case, and in which words."""

import asyncio
import json
from datetime import datetime

import asyncpg
import httpx
import pytest

from services.provision.tables import lay_out
from streams.core.ids import spoken
from tests.builders import CASE_ID, CITY, NOON, PARKS
from tests.edges import APP_KEY, PARKS_KEY, bearer
from tests.reading import READ, Ask, asked, get

pytestmark = pytest.mark.integration

CODE = "918019010085281"
SHARED = "123456789012347"
OTHER = "b" * 32
CASE = f"/api/v1/cases/{CASE_ID}"


@pytest.fixture(scope="module")
def city(database: str) -> str:
    """Two cases; the second has no department yet, and shares its code with a third."""

    async def fill() -> None:
        connection = await asyncpg.connect(database)
        await lay_out(connection, "cluster-1")
        await connection.execute("set search_path to projection")
        await _case(connection, CASE_ID, CODE, "routed", phone="09120004321", department=PARKS)
        await _case(connection, OTHER, SHARED, "submitted", phone="09120000001")
        await _case(connection, "c" * 32, SHARED, "submitted", phone="+98 912 000 0002")
        await connection.close()

    asyncio.run(fill())
    return database


async def _case(
    connection: asyncpg.Connection,
    case_id: str,
    code: str,
    state: str,
    *,
    phone: str,
    department: str | None = None,
) -> None:
    await connection.execute(
        """
        insert into cases (
            case_id, log_partition, version, municipality, channel, state, tracking_code,
            submitted_at, recorded_at, submitted_offset, department, category, policy_version,
            routing_reason, historical, times_reversed, transfers, reopenings
        ) values ($1, 0, 41, $2, 'app', $3, $4, $5, $5, $8, $6, 'GRN-02', $7,
            'words: tree', false, false, 0, 0
        )
        """,
        case_id,
        CITY,
        state,
        code,
        NOON,
        department,
        "p1" if department else None,
        ord(case_id[0]),
    )
    content = {"text": "درخت", "place": {"lat": 35.9}, "reporter": {"phone": phone}}
    await connection.execute(
        "insert into contents (case_id, log_offset, content) values ($1, $2, $3)",
        case_id,
        ord(case_id[0]),
        json.dumps(content),
    )
    fact = {"type": "case.submitted.v1", "content": {"kid": "k1", "nonce": "n", "data": "x"}}
    rows = [(0, "submitted", "effective"), (1, "routed", "effective"), (2, "routed", "duplicate")]
    for step, kind, judgement in rows:
        await connection.execute(
            """
            insert into facts (
                log_partition, log_offset, case_id, fact_id, type, recorded_at, judgement, fact
            ) values (0, $1, $2, $3, $4, $5, $6, $7)
            """,
            ord(case_id[0]) + 1_000 * step,
            case_id,
            f"{case_id}/{step}",
            f"case.{kind}.v1",
            NOON,
            judgement,
            json.dumps(fact),
        )
    await connection.execute(
        """
        insert into clocks (
            case_id, kind, cycle, log_partition, municipality, department, state, started_at,
            deadline, voided
        ) values ($1, 'first-response', 0, 0, $2, 'parks', 'running', $3, $3, false)
        """,
        case_id,
        CITY,
        NOON,
    )


def test_a_case_is_shown_with_what_was_promised_and_why(city: str) -> None:
    answer = get(city, CASE, READ)

    assert answer.status_code == 200
    case = answer.json()
    assert (case["state"], case["department"], case["version"]) == ("routed", "parks", 41)
    assert case["routing"] == {"reason": "words: tree", "policy_version": "p1"}
    (clock,) = case["clocks"]
    assert clock["kind"] == "first-response"
    assert datetime.fromisoformat(clock["deadline"]) == NOON
    assert case["tracking_code"] == spoken(CODE)
    assert (case["text"], case["place"]) == ("درخت", {"lat": 35.9})
    assert "0912" not in answer.text


def test_an_unrouted_case_has_every_field_all_the_same(city: str) -> None:
    case = get(city, f"/api/v1/cases/{OTHER}", READ).json()

    assert (case["department"], case["routing"]) == (None, None)
    assert set(case) == set(get(city, CASE, READ).json())


def test_what_the_caller_has_is_not_sent_again(city: str) -> None:
    tag = get(city, CASE, READ).headers["etag"]

    assert tag == '"41"'
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        same = get(city, CASE, READ | {"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert get(city, CASE, READ | {"If-None-Match": '"40"'}).status_code == 200


def test_a_department_sees_its_own_cases_with_what_was_said(
    city: str,
) -> None:
    own = get(city, CASE, bearer(PARKS_KEY))
    other = get(city, f"/api/v1/cases/{OTHER}", bearer(PARKS_KEY))
    facts = get(city, f"/api/v1/cases/{OTHER}/facts", bearer(PARKS_KEY))

    assert own.status_code == 200
    assert own.json()["text"] == "درخت"
    assert "0912" not in own.text
    assert (other.status_code, facts.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Basic x"}, 401), (bearer(APP_KEY), 403)],
)
@pytest.mark.parametrize("path", [CASE, f"{CASE}/facts"])
def test_reading_needs_a_key_for_reading(
    city: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = get(city, path, headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("case_id", ["z" * 32, "a", "%00", "A" * 32, "'; drop table cases"])
def test_an_unknown_case_is_a_problem_that_says_it_may_come(city: str, case_id: str) -> None:
    answer = get(city, f"/api/v1/cases/{case_id}", READ)

    assert answer.status_code == 404
    assert answer.headers["retry-after"] == "1"
    assert "in a moment" in answer.json()["detail"]


def test_facts_come_in_order_with_judgements_and_without_sealed_bytes(city: str) -> None:
    first = get(city, f"{CASE}/facts?limit=2", READ).json()
    rest = get(city, first["next_href"], READ).json()

    facts = first["facts"] + rest["facts"]
    assert [one["judgement"] for one in facts] == ["effective", "effective", "duplicate"]
    offsets = [one["position"]["offset"] for one in facts]
    assert offsets == sorted(offsets)
    assert rest["next"] is None
    assert {json.dumps(one["fact"]["content"]) for one in facts} == {'{"sealed": "k1"}'}


@pytest.mark.parametrize("asked_for", ["limit=0", "limit=501", "limit=x", "after=-2"])
def test_a_page_that_cannot_be_is_refused(city: str, asked_for: str) -> None:
    assert get(city, f"{CASE}/facts?{asked_for}", READ).status_code == 422


def test_a_citizen_follows_a_case_by_its_code_and_learns_nothing_personal(city: str) -> None:
    answer = get(city, f"/api/v1/track/{spoken(CODE)}")

    assert answer.status_code == 200
    case = answer.json()
    assert case["department"] == {"id": "parks", "title_fa": "parks", "title_en": "parks"}
    assert [one["step"] for one in case["steps"]] == ["submitted", "routed"]
    assert case["deadlines"][0]["kind"] == "first-response"
    assert CASE_ID not in answer.text
    assert "درخت" not in answer.text.replace("GRN-02", "")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("code", ["918019010085282", "1", "x" * 30, "000000000000000"])
def test_an_unknown_code_is_a_problem(city: str, code: str) -> None:
    assert get(city, f"/api/v1/track/{code}").status_code == 404


def test_an_ambiguous_code_asks_for_the_phones_last_digits(city: str) -> None:
    def tell(digits: str) -> httpx.Response:
        body = {"code": SHARED, "phone_last_digits": digits}
        return asked(city, lambda ask: ask("POST", "/api/v1/track", json=body))

    plain = get(city, f"/api/v1/track/{SHARED}")

    assert plain.status_code == 409
    assert "phone_last_digits" in plain.json()["detail"]
    assert tell("۰۰۰۲").status_code == 200
    assert tell("9999").status_code == 404
    assert tell("2").status_code == 422


def test_look_ups_are_limited_by_address(city: str) -> None:
    async def thrice(ask: Ask) -> list[httpx.Response]:
        return [await ask("GET", f"/api/v1/track/{CODE}") for _ in range(3)]

    answers = asked(city, thrice, per_minute=2)

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) > 0
    assert "r=1" in answers[0].headers["ratelimit"]


def test_without_the_database_the_caller_may_come_again() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"

    answer = get(nowhere, CASE, READ)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_the_api_is_described_with_examples(city: str) -> None:
    document = get(city, "/api/v1/openapi.json").json()

    paths = document["paths"]
    assert {"/api/v1/cases/{case_id}", "/api/v1/cases/{case_id}/facts"} <= set(paths)
    for path in paths.values():
        for operation in path.values():
            answer = operation["responses"]["200"]["content"]["application/json"]
            assert answer["example"]
            assert answer["schema"]["properties"]
            assert "HTTPValidationError" not in str(operation)
    assert "Problem" in document["components"]["schemas"]


def test_the_page_follows_a_code_without_script_and_without_a_url(city: str) -> None:
    page = get(city, "/")
    form = {"code": spoken(CODE)}
    found = asked(city, lambda ask: ask("POST", "/", data=form))
    lost = asked(city, lambda ask: ask("POST", "/", data={"code": "<script>"}))

    assert page.status_code == 200
    assert 'dir="rtl"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "به واحد مسئول ارجاع شد" in found.text
    assert lost.status_code == 404
    assert "<script" not in lost.text


def test_a_huge_body_is_refused_wherever_one_is_read(city: str) -> None:
    for path in ("/", "/api/v1/track"):
        answer = asked(city, lambda ask, path=path: ask("POST", path, content=b"x" * 10_000))
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
