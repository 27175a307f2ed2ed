"""Which key may read what: every scope against every address."""

import pytest

from schemas.vocabulary import Department
from services.http.grants import valid_scope
from services.keys.key import new_key
from tests.builders import CITY
from tests.edges import (
    APP_KEY,
    CITY_KEY,
    ELSEWHERE_KEY,
    PARKS_KEY,
    READ_KEY,
    bearer,
)
from tests.reading import BOSTON, POLICIES, Ask, Tables, asked, case_id, code, filled, told

pytestmark = pytest.mark.integration

PARKS, FANI, THERE = case_id(1), case_id(2), case_id(3)
KEYS = {
    "none": {},
    "channel": bearer(APP_KEY),
    "read": bearer(READ_KEY),
    "city": bearer(CITY_KEY),
    "elsewhere": bearer(ELSEWHERE_KEY),
    "parks": bearer(PARKS_KEY),
}
AT = "at=2027-01-01T00:00:00Z"
VERSION = POLICIES[0].version
# What each of the keys above is answered, in their order.
MATRIX = {
    "/api/v1/cases": (401, 403, 200, 200, 200, 200),
    "/api/v1/cases/counts": (401, 403, 200, 200, 200, 200),
    "/api/v1/cases?municipality=hashtgerd": (401, 403, 200, 200, 403, 200),
    "/api/v1/cases?municipality=boston": (401, 403, 200, 403, 200, 403),
    "/api/v1/cases?municipality=boston&municipality=hashtgerd": (401, 403, 200, 200, 200, 200),
    "/api/v1/cases?municipality=hashtgerd&department=fani": (401, 403, 200, 200, 403, 403),
    "/api/v1/cases/counts?department=parks": (401, 403, 200, 200, 200, 200),
    "/api/v1/cases/counts?municipality=boston": (401, 403, 200, 403, 200, 403),
    f"/api/v1/cases/{PARKS}": (401, 403, 200, 200, 404, 200),
    f"/api/v1/cases/{PARKS}?{AT}": (401, 403, 200, 200, 404, 200),
    f"/api/v1/cases/{PARKS}/facts": (401, 403, 200, 200, 404, 200),
    f"/api/v1/cases/{PARKS}/sla": (401, 403, 200, 200, 404, 200),
    f"/api/v1/cases/{FANI}": (401, 403, 200, 200, 404, 404),
    f"/api/v1/cases/{FANI}?{AT}": (401, 403, 200, 200, 404, 404),
    f"/api/v1/cases/{FANI}/facts": (401, 403, 200, 200, 404, 404),
    f"/api/v1/cases/{FANI}/sla": (401, 403, 200, 200, 404, 404),
    f"/api/v1/cases/{THERE}": (401, 403, 200, 404, 200, 404),
    f"/api/v1/cases/{THERE}?{AT}": (401, 403, 200, 404, 200, 404),
    "/api/v1/municipalities": (401, 403, 200, 200, 200, 200),
    "/api/v1/departments?municipality=hashtgerd": (401, 403, 200, 200, 404, 200),
    "/api/v1/categories?municipality=hashtgerd": (401, 403, 200, 200, 404, 200),
    "/api/v1/policies?municipality=boston": (401, 403, 200, 404, 200, 404),
    f"/api/v1/policies/{VERSION}": (401, 403, 200, 200, 404, 200),
    "/api/v1/calls?municipality=hashtgerd": (401, 403, 200, 200, 403, 403),
    "/api/v1/calls?municipality=boston": (401, 403, 200, 403, 200, 403),
    f"/api/v1/track/{code(1)}": (200, 200, 200, 200, 200, 200),
    "/api/v1/openapi.json": (200, 200, 200, 200, 200, 200),
}


@pytest.fixture(scope="module")
def city(database: str) -> str:
    async def fill(tables: Tables) -> None:
        await tables.add(*told(1))
        await tables.add(*told(2, department=Department("fani")))
        await tables.add(*told(3, municipality=BOSTON))

    filled(database, fill)
    return database


@pytest.mark.parametrize("path", MATRIX)
def test_every_address_answers_every_key_as_its_scope_says(city: str, path: str) -> None:
    async def with_every_key(ask: Ask) -> tuple[int, ...]:
        return tuple([(await ask("GET", path, headers=key)).status_code for key in KEYS.values()])

    assert asked(city, with_every_key) == MATRIX[path]


@pytest.mark.parametrize(
    ("key", "seen"),
    [
        ("read", {PARKS, FANI, THERE}),
        ("city", {PARKS, FANI}),
        ("elsewhere", {THERE}),
        ("parks", {PARKS}),
    ],
)
def test_a_list_and_its_counts_hold_what_the_key_sees(city: str, key: str, seen: set[str]) -> None:
    async def both(ask: Ask) -> tuple[set[str], int]:
        cases = await ask("GET", "/api/v1/cases", headers=KEYS[key])
        counts = await ask("GET", "/api/v1/cases/counts", headers=KEYS[key])
        return {one["case_id"] for one in cases.json()["cases"]}, counts.json()["total"]["count"]

    assert asked(city, both) == (seen, len(seen))


def test_every_route_that_is_described_is_in_the_matrix(city: str) -> None:
    async def paths(ask: Ask) -> list[str]:
        return list((await ask("GET", "/api/v1/openapi.json")).json()["paths"])

    tried = {path.split("?")[0] for path in MATRIX}
    for one in asked(city, paths):
        pattern = one.replace("{case_id}", PARKS).replace("{code}", code(1))
        pattern = pattern.replace("{municipality}/{since}", VERSION)
        assert pattern in tried or one == "/api/v1/track"


@pytest.mark.parametrize("scope", ["read", f"read:{CITY}", f"department:{CITY}/parks", "channel:*"])
def test_a_key_may_be_made_with_any_scope_that_there_is(scope: str) -> None:
    assert new_key(client="someone", scopes=(scope,)).scopes == (scope,)


@pytest.mark.parametrize("scope", ["read:", "read:A", "read:a b", "reads", "read:*", "Read"])
def test_what_is_no_scope_is_none(scope: str) -> None:
    assert not valid_scope(scope)
