"""`peygir case`: where one case stands, and what is said of it."""

from typing import Annotated, Any

import typer

from schemas.settings import Settings
from services.command import case_fact, case_shown, reach
from services.command.exit_codes import ExitCode
from streams.core.ids import read_tracking_code

OK = 200
FACTS = 500

app = typer.Typer(help="One case.", no_args_is_help=True)


@app.callback()
def case() -> None:
    """One case."""


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="tracking code or case id")],
    municipality: Annotated[str | None, typer.Option(help="where a code is ambiguous")] = None,
    url: Annotated[str | None, typer.Option()] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Show a case: everything by its id, what its citizen sees by its tracking code."""
    settings = Settings()
    base = reach.url(url, settings)
    found = _found(base, code.strip(), municipality, settings)
    if as_json:
        typer.echo(found.text)
        return
    told = found.json()
    case_id = told.get("case_id")
    case_shown.show(told, _refusals(base, case_id, settings) if case_id else [])


app.command("fact")(case_fact.fact)


def _found(base: str, code: str, municipality: str | None, settings: Settings) -> Any:  # noqa: ANN401
    if read_tracking_code(code) is not None:
        asked = {} if municipality is None else {"municipality": municipality}
        address = f"{base}/api/v1/track/{read_tracking_code(code)}"
        answer = reach.ask("GET", address, params=asked)
    elif code.isascii() and code.isalnum():
        key = reach.api_key("read", settings)
        answer = reach.ask("GET", f"{base}/api/v1/cases/{code}", key)
    else:
        reach.end("that is neither a tracking code (15 digits) nor a case id", ExitCode.USAGE)
    if answer.status_code != OK:
        reach.refuse(answer)
    return answer


def _refusals(base: str, case_id: str, settings: Settings) -> list[dict[str, Any]]:
    """What was said of it in vain; whoever has its code alone is not told."""
    address, key = f"{base}/api/v1/cases/{case_id}/facts", reach.api_key("read", settings)
    found: list[dict[str, Any]] = []
    after: int | None = -1
    while after is not None:
        answer = reach.ask("GET", address, key, params={"limit": FACTS, "after": after})
        if answer.status_code != OK:
            reach.refuse(answer)
        page = answer.json()
        found.extend(one for one in page["facts"] if one["judgement"] == "refused")
        after = page["next"]
    return found
