"""A key is not made for a place that is not there."""

import pytest
from typer.testing import CliRunner

from services.command.composed import composed
from services.command.exit_codes import ExitCode
from services.keys.places import names_places, not_there
from tests.reading import POLICIES

NOWHERE = {
    "PEYGIR_KAFKA": "127.0.0.1:1",
    "PEYGIR_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
}


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        (("read", "channel:sms", "read:boston"), None),
        (("department:hashtgerd/parks",), None),
        (("read:bosten",), "no municipality 'bosten'; there are: boston, hashtgerd"),
        (("department:bosten/parks",), "no municipality 'bosten'"),
        (("department:hashtgerd/park",), "hashtgerd has no department 'park'; there are: "),
        (("head:hashtgerd/parks", "mayor:boston"), None),
        (("deputy:hashtgerd/park",), "hashtgerd has no department 'park'; there are: "),
        (("administrator:bosten",), "no municipality 'bosten'"),
    ],
)
def test_a_place_that_is_not_there_is_named_with_those_that_are(
    scopes: tuple[str, ...], words: str | None
) -> None:
    wrong = not_there(scopes, POLICIES)

    assert (wrong is None) == (words is None)
    assert words is None or words in str(wrong)


def test_a_place_is_none_where_no_policy_is_published() -> None:
    assert not_there(("read:boston",), ()) == (
        "there is no municipality 'boston'; no policy is published"
    )


def test_scopes_without_a_place_need_no_policy() -> None:
    assert not names_places(("read", "channel:*", "channel:sms"))


@pytest.mark.parametrize(
    ("more", "said"),
    [((), "the policies cannot be read"), (("--unchecked",), "Postgres does not answer")],
)
def test_where_the_policies_cannot_be_read_it_is_to_be_said_on_purpose(
    more: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kafka.FOUND_MS_MAX", 500)
    asked = ["keys", "create", "bot", "--scope", "read:boston", *more]

    done = CliRunner().invoke(composed(), asked, env=NOWHERE)

    assert done.exit_code == ExitCode.UNAVAILABLE
    assert said in done.output
