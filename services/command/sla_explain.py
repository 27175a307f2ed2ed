"""`peygir sla explain`: every interval of a case's clocks that counted or did not, and why."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column

from schemas.settings import Settings
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table
from streams.core.ids import read_tracking_code

OK = 200


class Language(StrEnum):
    PERSIAN = "fa"
    ENGLISH = "en"


def explain(
    case: Annotated[str, typer.Argument(help="case id or tracking code")],
    lang: Annotated[Language | None, typer.Option(help="the municipality's, if left out")] = None,
    url: Annotated[str | None, typer.Option()] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Show why each clock of a case stands where it does, down to the second."""
    settings = Settings()
    cases, key = f"{reach.url(url, settings)}/api/v1/cases", reach.api_key("read", settings)
    asked = {} if lang is None else {"lang": lang.value}
    told = _answer(f"{cases}/{_case_id(cases, key, case.strip())}/sla", key, asked)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _print(told)


def _case_id(cases: str, key: str, asked: str) -> str:
    code = read_tracking_code(asked)
    if code is not None:
        found = [one["case_id"] for one in _answer(cases, key, {"q": code})["cases"]]
        if len(found) > 1:
            ids = ", ".join(found)
            reach.end(f"that code belongs to two cases: {ids}. Name one by its id", ExitCode.USAGE)
        return found[0] if found else reach.end("no case that may be seen has this code")
    if not (asked.isascii() and asked.isalnum()):
        reach.end("that is neither a tracking code (15 digits) nor a case id", ExitCode.USAGE)
    return asked


def _answer(address: str, key: str, asked: Mapping[str, str]) -> Any:  # noqa: ANN401  # JSON
    answer = reach.ask("GET", address, key, params=asked)
    if answer.status_code != OK:
        reach.refuse(answer)
    return answer.json()


def _print(told: Mapping[str, Any]) -> None:
    words = _WORDS[told["language"]]
    console = Console(highlight=False)
    _say(console, f"{words['case']} {told['case_id']}  {told['municipality']}")
    _say(console, f"{words['until']} {told['until']['words']}  ({told['zone']})")
    if told["parent"]:
        _say(console, f"{words['parent']} {told['parent']}")
    if told["unfoldable"]:
        _say(console, f"{words['unfoldable']} {told['unfoldable']}")
    for clock in told["clocks"]:
        _clock(console, clock, words)
    if told["clocks_left_out"]:
        _say(console, f"{words['left_out']} {told['clocks_left_out']}")


def _clock(console: Console, clock: Mapping[str, Any], words: Mapping[str, str]) -> None:
    cycle = f" {clock['cycle'] + 1}" if clock["cycle"] else ""
    _say(console, f"\n{clock['title']}{cycle}: {clock['state_words']}, {clock['left_words']}")
    for name, value in _facts(clock, words):
        _say(console, f"  {name}: {value}")
    table = whole_table(
        words["from"], words["to"], Column(words["counted"], justify="right"), words["why"]
    )
    total = 0.0
    for one in clock["stretches"]:
        total += one["counted_seconds"]
        late = f"  [{words['late']}]" if one["late"] else ""
        counted = duration(one["counted_seconds"]) if one["counts"] else "–"
        table.add_row(
            _escaped(one["start"]["words"]),
            _escaped(one["end"]["words"]),
            counted,
            _escaped(one["words"] + late),
        )
    table.add_section()
    table.add_row(words["together"], "", duration(total), _escaped(clock["budget"]["words"]))
    console.print(table)


def _facts(clock: Mapping[str, Any], words: Mapping[str, str]) -> list[tuple[str, str]]:
    by = clock["policy_version"] or words["elsewhere"]
    found = [(words["promised"], f"{clock['budget']['words']}, {clock['department']}, {by}")]
    calendar = clock["calendar"]
    if calendar is not None:
        whose = calendar["department"] or words["city"]
        found.append((words["calendar"], f"{calendar['id']} ({whose}), {calendar['zone']}"))
    for one in clock["deadlines"]:
        reason = f" ({one['reason']})" if one["reason"] and one["by"] == "deadline-set" else ""
        found.append((words["deadline"], f"{one['deadline']['words']}: {one['words']}{reason}"))
    if clock["deadline_at_latest"]:
        found.append((words["latest"], clock["deadline_at_latest"]["words"]))
    if clock["stopped_at"]:
        found.append((words["stopped"], clock["stopped_at"]["words"]))
    if clock["voided"]:
        found.append((words["voided"], "✓"))
    return found


def duration(seconds: float) -> str:
    """Hours, minutes and seconds; what is left of a second only where there is some."""
    whole = int(seconds)
    rest = f"{seconds - whole:.3f}"[1:] if round(seconds - whole, 3) else ""
    return f"{whole // 3_600}:{whole // 60 % 60:02}:{whole % 60:02}{rest.rstrip('0')}"


def _say(console: Console, words: str) -> None:
    console.print(words, markup=False, soft_wrap=True)


def _escaped(words: str) -> str:
    return words.replace("[", "\\[")


_WORDS = {
    "en": {
        "case": "case",
        "until": "as of",
        "parent": "its clocks are silent: it follows the case",
        "unfoldable": "told up to where it could not be folded:",
        "left_out": "earlier clocks left out:",
        "from": "from",
        "to": "to",
        "counted": "counted",
        "why": "why",
        "late": "after the deadline",
        "together": "together",
        "promised": "promised",
        "elsewhere": "by another system",
        "calendar": "calendar",
        "city": "the municipality's",
        "deadline": "deadline",
        "latest": "deadline at the latest, if it waits as long as it may",
        "stopped": "stopped",
        "voided": "a breach was announced and does not count",
    },
    "fa": {
        "case": "مورد",
        "until": "تا",
        "parent": "زمان‌سنج‌هایش خاموش است؛ پیرو مورد",
        "unfoldable": "تا جایی که برآیند آن به دست آمد:",
        "left_out": "زمان‌سنج‌های پیشین که نیامده:",
        "from": "از",
        "to": "تا",
        "counted": "شمرده",
        "why": "چرا",
        "late": "پس از مهلت",
        "together": "روی هم",
        "promised": "تعهد",
        "elsewhere": "سامانه‌ای دیگر",
        "calendar": "تقویم",
        "city": "شهرداری",
        "deadline": "مهلت",
        "latest": "آخرین مهلت، اگر توقف تا حد مجاز بماند",
        "stopped": "پایان",
        "voided": "تأخیری اعلام شد و به حساب نمی‌آید",
    },
}
