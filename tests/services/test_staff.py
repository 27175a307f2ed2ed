"""A person signs in, works, changes the password, signs out; accounts are kept."""

import json
from datetime import timedelta

import pytest

from schemas.settings import Settings
from services.staff.known import TRUSTED
from services.staff.passwords import AT_ONCE_MAX, PASSWORD_CHARACTERS_MIN, WAITING_MAX
from services.staff.sessions import KEPT_DAYS, OF_ONE_MAX
from services.staff.throttle import ADDRESS_TRIES_MAX, KEPT_MAX, NAME_TRIES_MAX, WINDOW
from tests.builders import CITY
from tests.staffing import (
    ADMINISTRATORS_KEY,
    IDLE,
    LASTS,
    PARKS_HEAD,
    PASSWORD,
    READ_KEY,
    StaffEdge,
    Town,
    lived,
)

pytestmark = pytest.mark.integration

NEW = "another horse battery"
WRONG = "a wrong horse battery"
SESSIONS, CURRENT = "/staff/v1/sessions", "/staff/v1/sessions/current"
ME, MY_PASSWORD, ACCOUNTS = "/staff/v1/me", "/staff/v1/me/password", "/staff/v1/accounts"
WINDOW_SECONDS = WINDOW.total_seconds()


async def change(
    edge: StaffEdge, token: str, current: str = PASSWORD, new: str = NEW
) -> tuple[int, str]:
    """The status, and the token of the session that begins or the kind of the problem."""
    answer = await edge.ask("PUT", MY_PASSWORD, token, json={"current": current, "new": new})
    said = answer.json()
    return answer.status_code, said.get("token") or said["type"].rsplit(":", 1)[1]


def test_who_signs_in_is_what_the_account_says_until_they_sign_out(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener", **PARKS_HEAD)

        begun = await town.one.sign_in("gardener")
        assert begun.status_code == 201
        assert begun.headers["cache-control"] == "no-store"
        shown = begun.json()
        assert shown["account"]["role"] == "head"
        assert shown["ends_at"] == (town.clock() + LASTS).isoformat()
        token = shown["token"]
        client = await town.one.desk.callers.find(token)
        assert client is not None
        assert (client.name, client.scopes) == ("staff/gardener", {f"head:{CITY}/parks"})
        me = await town.one.ask("GET", ME, token)
        assert (me.status_code, me.json()) == (200, shown["account"])

        ended = await town.one.ask("DELETE", CURRENT, token)

        assert ended.status_code == 204
        assert ended.headers["cache-control"] == "no-store"
        assert not await town.one.opens(token)
        assert (await town.one.ask("DELETE", CURRENT, token)).status_code == 401

    lived(database, life)


def test_an_unknown_name_a_wrong_password_and_an_ended_account_are_answered_alike(
    database: str,
) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        await town.employ("gone")
        assert (await town.one.ask("DELETE", f"{ACCOUNTS}/gone", ADMINISTRATORS_KEY)).is_success

        answers = [
            await town.one.sign_in("gardener", WRONG),
            await town.one.sign_in("nobody", PASSWORD),
            await town.one.sign_in("gone", PASSWORD),
            await town.one.sign_in("a\x00b", PASSWORD),
            await town.one.sign_in("لیلا", PASSWORD),
        ]

        assert {(one.status_code, one.content) for one in answers} == {
            (401, answers[0].content),
        }
        assert answers[0].json()["type"] == "urn:peygir:problem:not-signed-in"

    lived(database, life)


def test_a_body_that_does_not_fit_is_not_repeated(database: str) -> None:
    async def life(town: Town) -> None:
        for body in (
            {"name": "gardener"},
            {"name": "gardener", "password": WRONG, "more": WRONG},
            {"name": "gardener", "password": WRONG * 20},
            {"name": 1, "password": [WRONG]},
        ):
            answer = await town.one.ask("POST", SESSIONS, json=body)
            assert answer.status_code == 422
            assert WRONG not in answer.text
        raw = await town.one.ask("POST", SESSIONS, content=f'{{"password": "{WRONG}'.encode())
        assert raw.status_code == 400
        assert WRONG not in raw.text
        large = await town.one.ask("POST", SESSIONS, content=b" " * 5_000)
        assert large.status_code == 413

    lived(database, life)


def test_a_name_is_tried_so_often_and_no_oftener_from_wherever(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        edges = (town.one, town.other)

        statuses = [
            (await edges[n % 2].sign_in("gardener", WRONG, address=f"192.0.2.{n}")).status_code
            for n in range(NAME_TRIES_MAX)
        ]
        right = await town.one.sign_in("gardener", address="192.0.2.99")
        unknown = [
            (await town.one.sign_in("nobody", WRONG, address=f"198.51.100.{n}"))
            for n in range(NAME_TRIES_MAX + 1)
        ]

        assert statuses == [401] * NAME_TRIES_MAX
        assert right.status_code == 429
        assert right.headers["retry-after"] == str(int(WINDOW_SECONDS))
        assert right.headers["cache-control"] == "no-store"
        # No name is known by how often it may be tried.
        assert [one.status_code for one in unknown] == [*statuses, 429]
        assert unknown[-1].content == right.content

        town.clock.pass_by(seconds=WINDOW_SECONDS - 1)
        last = await town.one.sign_in("gardener")
        assert (last.status_code, last.headers["retry-after"]) == (429, "1")
        town.clock.pass_by(seconds=1)
        assert (await town.one.sign_in("gardener")).status_code == 201

    lived(database, life)


def test_an_address_may_try_so_many_names(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        there = "2001:db8::1"
        statuses = [
            (await town.one.sign_in(f"nobody-{n}", WRONG, address=there)).status_code
            for n in range(ADDRESS_TRIES_MAX)
        ]

        neighbour = await town.other.sign_in("gardener", address="2001:db8::2")

        assert statuses == [401] * ADDRESS_TRIES_MAX
        assert neighbour.status_code == 429
        assert (await town.other.sign_in("gardener", address="2001:db8:1::1")).status_code == 201

    lived(database, life)


def test_who_succeeds_has_spent_nothing(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        for _ in range(ADDRESS_TRIES_MAX + 1):
            assert (await town.one.sign_in("gardener")).status_code == 201
        for _ in range(3):
            for _ in range(NAME_TRIES_MAX - 1):
                assert (await town.one.sign_in("gardener", WRONG)).status_code == 401
            assert (await town.one.sign_in("gardener")).status_code == 201

    lived(database, life)


def test_with_a_first_password_nothing_can_be_done_but_to_change_it(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("registrar", "administrator", must_change=True)
        begun = await town.one.sign_in("registrar")
        assert begun.json()["account"]["must_change_password"] is True
        token = begun.json()["token"]

        for method, path in (
            ("GET", ME),
            ("GET", ACCOUNTS),
            ("POST", ACCOUNTS),
            ("POST", f"{ACCOUNTS}/registrar/password"),
            ("DELETE", f"{ACCOUNTS}/registrar"),
            ("GET", "/probe"),
        ):
            refused = await town.one.ask(method, path, token)
            assert refused.status_code == 403, path
            assert refused.json()["type"] == "urn:peygir:problem:password-change-needed"
            assert MY_PASSWORD in refused.json()["detail"]
        assert await change(town.one, token, new=PASSWORD) == (422, "invalid")
        assert await change(town.one, token, new="a" * 11) == (422, "invalid")

        status, changed = await change(town.one, token)

        assert status == 200
        assert (await town.one.ask("GET", ACCOUNTS, changed)).status_code == 200
        assert (await town.one.ask("GET", ME, changed)).json()["must_change_password"] is False
        assert (await town.one.sign_in("registrar")).status_code == 401
        assert (await town.one.sign_in("registrar", NEW)).status_code == 201

    lived(database, life)


def test_a_first_password_does_not_keep_its_person_in(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("registrar", must_change=True)
        token = await town.one.signed_in("registrar")

        assert (await town.one.ask("DELETE", CURRENT, token)).status_code == 204

    lived(database, life)


def test_a_new_password_ends_every_session_and_begins_one(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        await town.employ("other")
        here, there = await town.one.signed_in("gardener"), await town.one.signed_in("gardener")
        others = await town.one.signed_in("other")
        assert await town.one.opens(here)
        assert await town.one.opens(there)

        status, changed = await change(town.one, there)

        assert status == 200
        opened = [await town.one.opens(one) for one in (here, there, changed, others)]
        assert opened == [False, False, True, True]

    lived(database, life)


def test_whoever_found_a_session_open_does_not_learn_the_password_by_trying(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        token = await town.one.signed_in("gardener")

        answers = [await change(town.one, token, WRONG) for _ in range(NAME_TRIES_MAX + 1)]

        assert answers == [(403, "wrong-password")] * NAME_TRIES_MAX + [(429, "rate-limited")]
        assert await town.one.opens(token)

    lived(database, life)


def test_an_administrator_adds_renews_and_disables(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("registrar", "administrator")
        registrar = await town.one.signed_in("registrar")
        gardener = {"name": "gardener", "municipality": CITY, **PARKS_HEAD}

        added = await town.one.ask("POST", ACCOUNTS, registrar, json=gardener)
        assert added.status_code == 201
        assert added.headers["cache-control"] == "no-store"
        first = added.json()["first_password"]
        assert (await town.one.ask("POST", ACCOUNTS, registrar, json=gardener)).status_code == 409
        token = await town.one.signed_in("gardener", first)

        renewed = await town.one.ask("POST", f"{ACCOUNTS}/gardener/password", registrar)
        second = renewed.json()["first_password"]
        assert second != first
        assert not await _works(town.one, token)
        assert (await town.one.sign_in("gardener", first)).status_code == 401
        token = await town.one.signed_in("gardener", second)
        _, token = await change(town.one, token, second)
        assert await town.one.opens(token)

        assert (await town.one.ask("DELETE", f"{ACCOUNTS}/gardener", registrar)).status_code == 204
        assert not await town.one.opens(token)
        assert (await town.one.sign_in("gardener", NEW)).status_code == 401
        again = await town.one.ask("POST", f"{ACCOUNTS}/gardener/password", registrar)
        assert (again.status_code, again.json()["type"]) == (409, "urn:peygir:problem:disabled")
        assert (await town.one.ask("POST", ACCOUNTS, registrar, json=gardener)).status_code == 409

        listed = (await town.one.ask("GET", ACCOUNTS, registrar)).json()
        assert [(one["name"], one["disabled_at"]) for one in listed["accounts"]] == [
            ("gardener", town.clock().isoformat()),
            ("registrar", None),
        ]
        assert "digest" not in json.dumps(listed)
        own = await town.one.ask("DELETE", f"{ACCOUNTS}/registrar", registrar)
        assert (own.status_code, own.json()["type"]) == (409, "urn:peygir:problem:own-account")

    lived(database, life)


def test_an_administrator_keeps_one_municipality_and_nobody_else_keeps_any(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("there", municipality="boston")
        await town.employ("here")
        boston = {"name": "new", "role": "operator", "municipality": "boston"}

        for method, path, body in (
            ("POST", f"{ACCOUNTS}/there/password", None),
            ("DELETE", f"{ACCOUNTS}/there", None),
            ("DELETE", f"{ACCOUNTS}/nobody", None),
        ):
            answer = await town.one.ask(method, path, ADMINISTRATORS_KEY, json=body)
            assert answer.status_code == 404, path
        refused = await town.one.ask("POST", ACCOUNTS, ADMINISTRATORS_KEY, json=boston)
        assert refused.status_code == 403
        listed = await town.one.ask("GET", ACCOUNTS, ADMINISTRATORS_KEY)
        assert [one["name"] for one in listed.json()["accounts"]] == ["here"]

        await town.employ("boss", "mayor")
        for token in (READ_KEY, await town.one.signed_in("boss")):
            assert (await town.one.ask("GET", ACCOUNTS, token)).status_code == 403
            assert (await town.one.ask("DELETE", f"{ACCOUNTS}/here", token)).status_code == 403
        assert (await town.one.ask("GET", ACCOUNTS)).status_code == 401
        assert (await town.one.sign_in("here")).status_code == 201
        assert (await town.one.sign_in("there")).status_code == 201

    lived(database, life)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"name": "Gardener"}, "/name"),
        ({"role": "citizen"}, "/role"),
        ({"role": "head"}, "/department"),
        ({"department": "parks"}, "/department"),
        ({"role": "head", "department": "park"}, "/department"),
        ({"role": "head", "department": "a/b"}, "/department"),
        ({"password": "my own, please"}, "/password"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_words(
    database: str, given: dict[str, str], pointer: str
) -> None:
    async def life(town: Town) -> None:
        body = {"name": "gardener", "role": "operator", "municipality": CITY} | given
        answer = await town.one.ask("POST", ACCOUNTS, ADMINISTRATORS_KEY, json=body)
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]

    lived(database, life)


def test_accounts_are_listed_page_by_page(database: str) -> None:
    async def life(town: Town) -> None:
        names = [f"clerk-{n}" for n in range(5)]
        for name in names:
            await town.employ(name)
        found, after = list[str](), ""
        while after is not None:
            path = f"{ACCOUNTS}?limit=2&after={after}"
            page = (await town.one.ask("GET", path, ADMINISTRATORS_KEY)).json()
            found += [one["name"] for one in page["accounts"]]
            after = page["next"]
        assert found == names
        for query in ("limit=0", "limit=1001", "after=A", "after=%00", "name=x"):
            path = f"{ACCOUNTS}?{query}"
            assert (await town.one.ask("GET", path, ADMINISTRATORS_KEY)).status_code == 422, query

    lived(database, life)


def test_a_key_has_no_session_and_no_password(database: str) -> None:
    async def life(town: Town) -> None:
        for method, path in (("GET", ME), ("DELETE", CURRENT), ("PUT", MY_PASSWORD)):
            answer = await town.one.ask(method, path, ADMINISTRATORS_KEY)
            assert answer.status_code == 403, path

    lived(database, life)


def test_nothing_that_opens_is_kept_or_logged(
    database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener.secret", **PARKS_HEAD)
        token = await town.one.signed_in("gardener.secret")
        await town.one.sign_in("gardener.secret", WRONG)
        await town.one.sign_in(token, WRONG)
        kept = await town.database.pool.fetch(
            """
            select to_jsonb(s)::text as row from desk.sessions s
            union all select to_jsonb(s)::text from desk.sign_ins s
            union all select to_jsonb(s)::text from desk.staff s
            """
        )
        rows = "\n".join(one["row"] for one in kept)
        for secret in (token, token.encode().hex(), PASSWORD, WRONG, "192.0.2"):
            assert secret not in rows
        assert "$argon2id$" in rows

    lived(database, life)
    said = "".join(capfd.readouterr())
    assert not [one for one in ("gardener", PASSWORD, WRONG, "pgs_") if one in said]


def test_where_postgres_is_away_who_signs_in_is_told_to_come_again(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        token = await town.one.signed_in("gardener")
        town.database.close()

        for answer in (
            await town.one.sign_in("gardener"),
            await town.one.ask("GET", "/probe", token),
        ):
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
        assert (await town.one.ask("GET", "/probe", READ_KEY)).status_code == 200

    lived(database, life)


def test_a_method_that_is_not_taken_is_answered_with_all_that_are(database: str) -> None:
    async def life(town: Town) -> None:
        answer = await town.one.ask("PUT", ACCOUNTS)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
        answer = await town.one.ask("GET", f"{ACCOUNTS}/gardener")
        assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE")

    lived(database, life)


async def _works(edge: StaffEdge, token: str) -> bool:
    return (await edge.ask("PUT", MY_PASSWORD, token, json={})).status_code != 401


def test_the_numbers_are_those_of_the_page() -> None:
    assert (timedelta(minutes=15), timedelta(seconds=10)) == (WINDOW, TRUSTED)
    assert (NAME_TRIES_MAX, ADDRESS_TRIES_MAX, OF_ONE_MAX) == (10, 50, 10)
    assert (PASSWORD_CHARACTERS_MIN, AT_ONCE_MAX, WAITING_MAX) == (12, 2, 50)
    assert (KEPT_DAYS, KEPT_MAX) == (7, 100_000)
    settings = Settings.model_fields
    assert settings["staff_idle_minutes"].default == IDLE.total_seconds() / 60
    assert settings["staff_session_hours"].default == LASTS.total_seconds() / 3_600
