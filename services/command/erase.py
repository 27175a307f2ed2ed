"""`peygir erase`: forget for ever who reported a case, and what they said."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from schemas.settings import Settings
from services.backup import erasing, erasures
from services.backup.erasing import Found, Place
from services.command import reach
from services.command.exit_codes import ExitCode
from streams.core.ids import read_tracking_code, spoken
from streams.core.retention import Kept

SEEN_SECONDS_MAX = 30.0
REFERENCE_CHARACTERS_MAX = 200


def erase(
    case: Annotated[str, typer.Argument(help="case id or tracking code")],
    reference: Annotated[
        str | None, typer.Option(help="what the order is known by, such as a letter's number")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="without asking")] = False,  # noqa: FBT002
) -> None:
    """Forget who reported a case, what they said and where, and so of its parts; all are counted.

    What was split off a case is of the same citizen.
    """
    settings = Settings()
    place = Place(
        kafka=reach.kafka(settings),
        database_url=reach.database_url(settings),
        erasures=list_of(settings),
        wait_seconds=settings.broker_wait_seconds,
    )
    found = _one(place, case.strip())
    named = _reference(reference, found)
    if not yes:
        _, parts_said = asyncio.run(erasing.parts(place, found.case_id))
        _confirm(found, parts_said)
    erased = [_erase(place, found, named)]
    # Asked for after the case is erased: what is split off it from now on holds no words.
    parts, said = asyncio.run(erasing.wait_for_parts(place, found.case_id, SEEN_SECONDS_MAX))
    erased += [_erase(place, part, named if reference else part.case_id) for part in parts]
    _say(settings, place, erased)
    if len(parts) < said:
        reach.end(
            f"{said - len(parts)} of the {said} parts that it was split into are no cases yet, and "
            "are not erased: ask again when they are. `peygir status` shows what stands still",
            ExitCode.TEMPORARY,
        )


def _confirm(found: Found, parts: int) -> None:
    of_parts = f", and its {parts} parts," if parts else ""
    words = f"forget for ever who reported {_named(found)}{of_parts} and what they said?"
    typer.confirm(words, abort=True)


def _erase(place: Place, case: Found, reference: str) -> tuple[Found, datetime]:
    """The case, and when it was erased."""
    erasing.order(place, case, reference, datetime.now(UTC))
    return case, asyncio.run(erasing.wait_until_erased(place, case.case_id, SEEN_SECONDS_MAX))


def list_of(settings: Settings) -> Path:
    """Where the list of erasures is."""
    return settings.erasures or settings.data / erasures.NAME


def kept(settings: Settings) -> Kept:
    return Kept(
        inbox_days=settings.inbox_days,
        keyring_days=settings.keyring_days,
        dead_letter_days=settings.dead_letter_days,
        department_days=settings.department_days,
    )


def _one(place: Place, asked: str) -> Found:
    found = asyncio.run(erasing.find(place, read_tracking_code(asked) or asked))
    if not found:
        reach.end("there is no such case; one that was just submitted may take a second")
    if len(found) > 1:
        ids = ", ".join(f"{one.case_id} in {one.municipality}" for one in found)
        reach.end(f"that code belongs to two cases: {ids}. Name one by its id", ExitCode.USAGE)
    return found[0]


def _reference(given: str | None, found: Found) -> str:
    if given is None:
        return found.case_id
    named = given.strip()
    if not 0 < len(named) <= REFERENCE_CHARACTERS_MAX or not named.isprintable():
        reach.end(f"a reference has 1 to {REFERENCE_CHARACTERS_MAX} characters", ExitCode.USAGE)
    return named


def _named(found: Found) -> str:
    return f"{found.case_id} ({spoken(found.tracking_code)}, {found.municipality})"


def _say(settings: Settings, place: Place, erased: Sequence[tuple[Found, datetime]]) -> None:
    days = kept(settings)
    dates = {
        "its raw messages in the inboxes": days.inbox_days + 1,
        "the wrapped keys on the broker's disk": days.keyring_days,
        "the text in the department's topic": days.department_days + 1,
        "the case's dead letters": days.dead_letter_days + 1,
    }
    for number, (one, at) in enumerate(erased):
        part = "its part " if number else ""
        typer.echo(f"erased {part}{_named(one)} at {at:%Y-%m-%d %H:%M:%S} UTC")
    last = max(at for _, at in erased)
    typer.echo("gone now: its text, its place, its reporter, its words, its keys in Postgres")
    typer.echo("goes by itself:")
    for what, within in dates.items():
        typer.echo(f"  {what}: by {last + timedelta(days=within):%Y-%m-%d}")
    typer.echo(
        f"  so after {days.readable_days_max} days nothing is left; backups, as old as you keep"
    )
    typer.echo(f"kept: the case without a person, and the order in {place.erasures}")
