"""Who may say what of whose case."""

from dataclasses import replace
from typing import get_args

import pytest

from schemas.facts import Progress
from schemas.vocabulary import DEEDS, ROLES, Deed, Department, Role
from streams.core.permissions import MAY, deed_of, permits, role_of
from tests.builders import CENTRE, PARKS, acknowledged, after, resolved
from tests.living import ABOVE, LIVING_CITY, TERMS
from tests.steering import ROADS, reopened, started

VERSION = TERMS[LIVING_CITY.version]


def may(role: Role, deed: Deed, speaker: Department | None, owner: Department = PARKS) -> bool:
    return permits(role, deed, speaker=speaker, owner=owner, version=VERSION)


def test_the_table_names_every_role_and_every_deed_is_somebodys() -> None:
    assert set(MAY) == set(ROLES)
    assert {deed for role in ROLES for deed in MAY[role]} == set(DEEDS)


def test_every_deed_is_the_name_of_a_fact() -> None:
    types = {one.__dataclass_fields__["type"].default for one in get_args(Progress)}

    assert {f"case.{deed}.v1" for deed in DEEDS} == types
    assert deed_of(started(after(1))) == "started"


@pytest.mark.parametrize("deed", DEEDS)
def test_a_member_works_on_what_the_department_has_and_on_nothing_else(deed: Deed) -> None:
    assert may("member", deed, PARKS) == (deed in MAY["member"])
    assert not may("member", deed, ROADS)
    assert not may("member", deed, None)


def test_the_head_may_open_again_what_a_member_may_not() -> None:
    assert may("head", "reopened", PARKS)
    assert not may("member", "reopened", PARKS)
    assert not may("head", "reopened", ROADS)


def test_a_deputy_steers_what_is_below_and_works_on_what_is_the_deputys_own() -> None:
    assert may("deputy", "transfer-requested", ABOVE, PARKS)
    assert may("deputy", "escalation-seen", ABOVE, ROADS)
    assert not may("deputy", "resolved", ABOVE, PARKS)
    assert may("deputy", "resolved", ABOVE, ABOVE)
    assert not may("deputy", "transfer-requested", ABOVE, CENTRE)
    assert not may("deputy", "transfer-requested", PARKS, ABOVE)


def test_without_a_policy_nobody_is_above_anybody() -> None:
    assert not permits("deputy", "noted", speaker=ABOVE, owner=PARKS, version=None)
    assert permits("deputy", "noted", speaker=PARKS, owner=PARKS, version=None)


@pytest.mark.parametrize("deed", DEEDS)
def test_the_mayor_notes_and_sees_and_holds_nothing_back(deed: Deed) -> None:
    assert may("mayor", deed, None) == (deed in {"noted", "escalation-seen"})
    assert not may("auditor", deed, None)
    assert not may("administrator", deed, None)


@pytest.mark.parametrize("role", ["channel", "citizen"])
def test_what_is_the_citizens_to_say_a_channel_may_bring(role: Role) -> None:
    assert set(MAY[role]) == {
        "information-received",
        "noted",
        "confirmed",
        "disputed",
        "rated",
        "reopened",
    }
    assert set(MAY[role].values()) == {"theirs"}


def test_who_does_not_say_as_what_speaks_for_a_department_or_for_the_centre() -> None:
    assert role_of(acknowledged()) == "member"
    assert role_of(resolved()) == "member"
    assert role_of(reopened(after(1))) == "operator"
    assert role_of(replace(reopened(after(1)), role="citizen")) == "citizen"
