"""`peygir watch`: how the line is now, in a terminal, asked of every process itself."""

import contextlib
import json
import os
import time
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from schemas.settings import Settings
from services.command.exit_codes import ExitCode
from services.command.sla_explain import Language
from services.embedded.errors import MissingError
from services.embedded.folder import DataFolder
from services.embedded.run_file import running_pid
from services.watching.figures import View, view
from services.watching.pace import Pace
from services.watching.scrape import Asker
from services.watching.screen import Screen
from services.watching.targets import Target, given, of_instance, of_the_gone
from services.watching.telling import told

REDRAWN_A_SECOND = 2
# The first of these that is set decides, as for every program.
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")


def watch(
    *,
    once: Annotated[bool, typer.Option("--once", help="one look, then end")] = False,
    every: Annotated[float, typer.Option(min=1, max=3_600, help="seconds between looks")] = 5,
    municipality: Annotated[str | None, typer.Option(help="all, if left out")] = None,
    lang: Annotated[Language | None, typer.Option(help="that of LANG, if left out")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one look, for programs")] = False,
) -> None:
    """Show whether it is fine now: what is open, late and due, and where the line is blocked.

    After one look it ends with 1 if somebody has to act, or if something is not known.
    """
    console = Console(highlight=False)
    looks = _Looks(Settings(), municipality)
    language = lang or _of_environment()
    try:
        if not (as_json or once) and console.is_terminal and not console.is_dumb_terminal:
            _live(looks, console, language, every)
            return
        seen = looks.look()
    finally:
        looks.close()
    if as_json:
        typer.echo(json.dumps(told(seen), ensure_ascii=False, indent=2))
    else:
        console.print(_screen(seen, language, whole=True))
    if not seen.fine:
        raise typer.Exit(ExitCode.NO)


class _Looks:
    """One look after the other, at whatever runs by then."""

    def __init__(self, settings: Settings, municipality: str | None) -> None:
        self._settings = settings
        self._municipality = municipality
        self._asker = Asker()
        self._pace = Pace()
        self._known: list[Target] = []

    def look(self) -> View:
        """Raises `MissingError` where nothing runs, and nothing ran before."""
        # Whoever watches an instance end sees its processes down.
        self._known = _targets(self._settings) or of_the_gone(self._known)
        if not self._known:
            raise MissingError("nothing runs here: start `peygir up`, or set PEYGIR_WATCHED")
        seen = self._asker.look(self._known)
        self._pace.learn(seen, time.monotonic())
        return view(seen, self._pace, datetime.now().astimezone(), self._municipality)

    def close(self) -> None:
        self._asker.close()


def _targets(settings: Settings) -> list[Target]:
    if settings.watched:
        return given(settings.watched)
    folder = DataFolder(settings.data)
    return of_instance(folder.read("run.json") if running_pid(folder) else {})


def _live(looks: _Looks, console: Console, language: Language, every: float) -> None:
    """Until Ctrl-C, which is how watching ends."""
    first = _screen(looks.look(), language, whole=False)
    drawn = Live(first, console=console, screen=True, refresh_per_second=REDRAWN_A_SECOND)
    with contextlib.suppress(KeyboardInterrupt), drawn as live:
        while True:
            time.sleep(every)
            live.update(_screen(looks.look(), language, whole=False))


def _screen(seen: View, language: Language, *, whole: bool) -> Screen:
    return Screen(view=seen, language=language.value, whole=whole)


def _of_environment() -> Language:
    spoken = next((os.environ[one] for one in LOCALES if os.environ.get(one)), "")
    return Language.PERSIAN if spoken.startswith("fa") else Language.ENGLISH
