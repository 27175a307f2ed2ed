"""`peygir submit`: one message of a citizen, through the same door as every other."""

import secrets
from typing import Annotated, Any

import httpx
import typer

from schemas.settings import Settings
from services.command import reach

ACCEPTED = 202

Words = Annotated[str | None, typer.Option()]
Degrees = Annotated[float | None, typer.Option()]


def submit(  # noqa: PLR0913, PLR0917  # a parameter is an option of the command line
    text: Annotated[str, typer.Argument(help="what the citizen says")],
    municipality: Annotated[str, typer.Option("--municipality", "-m")] = "hashtgerd",
    channel: Annotated[str, typer.Option("--channel", "-c")] = "phone",
    category: Words = None,
    lat: Degrees = None,
    lon: Degrees = None,
    address: Words = None,
    phone: Words = None,
    name: Words = None,
    source_ref: Words = None,
    idempotency_key: Words = None,
    url: Words = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Submit a message; says its tracking code once it cannot be lost any more."""
    body = _given(
        municipality=municipality,
        channel=channel,
        text=text,
        category=category,
        place=_given(lat=lat, lon=lon, address=address),
        reporter=_given(name=name, phone=phone),
        source_ref=source_ref,
    )
    answer = _submitted(body, idempotency_key or secrets.token_hex(16), url)
    if as_json:
        typer.echo(answer.text)
    else:
        accepted = answer.json()
        typer.echo(f"tracking code: {accepted['tracking_code']}\ncase: {accepted['case_id']}")


def _submitted(body: dict[str, Any] | None, key: str, url: str | None) -> httpx.Response:
    settings = Settings()
    answer = reach.ask(
        "POST",
        f"{reach.url(url, settings)}/intake/v1/cases",
        reach.api_key("intake", settings),
        json=body,
        headers={"Idempotency-Key": key},
    )
    if answer.status_code != ACCEPTED:
        reach.refuse(answer)
    return answer


def _given(**fields: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """The fields that were given; none if none was."""
    return {name: value for name, value in fields.items() if value is not None} or None
