"""`peygir case`: where one case stands, and what is said of it."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from schemas.settings import Settings
from services.command import case_fact, reach
from services.command.exit_codes import ExitCode
from streams.core.ids import read_tracking_code

OK = 200

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
    found = _found(reach.url(url, settings), code.strip(), municipality, settings)
    if as_json:
        typer.echo(found.text)
        return
    _print(found.json())


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


def _print(case: dict[str, Any]) -> None:
    table = Table(show_header=False)
    for field, name in _NAMES.items():
        value = case.get(field)
        if value is not None:
            table.add_row(name, _words(value))
    for clock in case.get("clocks") or case.get("deadlines") or []:
        table.add_row(f"مهلت / {clock['kind']}", f"{clock['deadline']}  {clock['state']}")
    for step in case.get("steps", []):
        table.add_row(f"گام / {step['step']}", step["at"])
    if case.get("routing"):
        table.add_row("دلیل / reason", case["routing"]["reason"])
    Console(highlight=False).print(table)


def _words(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        titles = (value.get("title_fa"), value.get("title_en"), value.get("id"))
        return " / ".join(title for title in titles if title)
    return str(value)


_NAMES = {
    "tracking_code": "کد رهگیری / tracking code",
    "case_id": "شناسه / case",
    "municipality": "شهرداری / municipality",
    "state": "وضعیت / state",
    "department": "واحد / department",
    "category": "موضوع / category",
    "priority": "اولویت / priority",
    "problem_report": "اعلام مشکل / problem report",
    "submitted_at": "زمان ثبت / submitted",
    "version": "نسخه / version",
    "text": "متن / text",
}
