"""Where the running Peygir is, for the commands that talk to it, and with which key."""

import json
import os
from pathlib import Path
from typing import Any, NoReturn

import httpx
import typer
from pydantic import SecretStr

from schemas.kafka import Kafka
from schemas.settings import Settings
from services.command.exit_codes import ExitCode
from services.embedded.errors import MissingError, StartError
from services.embedded.folder import DataFolder
from services.embedded.run_file import running_pid

ANSWER_SECONDS_MAX = 15.0


def url(given: str | None, settings: Settings) -> str:
    """The address given, or that of the instance in the data folder. Raises `MissingError`."""
    found = given or os.environ.get("PEYGIR_URL") or _running(settings).get("url")
    if not found:
        raise MissingError("nothing runs here: start `peygir up`, or give --url")
    return str(found).rstrip("/")


def kafka(settings: Settings) -> Kafka:
    if settings.kafka_access:
        return settings.kafka_access
    found = _running(settings).get("kafka")
    if not found:
        raise MissingError("nothing runs here: start `peygir up`, or set PEYGIR_KAFKA")
    return str(found)


def database_url(settings: Settings) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    found = _running(settings).get("database_url")
    if not found:
        raise MissingError("nothing runs here: start `peygir up`, or set PEYGIR_DATABASE_URL")
    return str(found)


def inbox_generation(settings: Settings) -> int:
    """Which inboxes are in use: a restore begins new ones, and an instance of ours knows it."""
    if settings.kafka is not None:
        return settings.inbox_generation
    kept = DataFolder(settings.data).read("instance.json").get("inbox_generation")
    return int(kept or settings.inbox_generation)


def master_key(settings: Settings) -> SecretStr:
    """The key in PEYGIR_MASTER_KEY, else that of the data folder. Raises `MissingError`."""
    kept = DataFolder(settings.data).read("secrets.json").get("master_key")
    if settings.master_key is None and not kept:
        raise MissingError(f"there is no master key in {settings.data}: set PEYGIR_MASTER_KEY")
    return settings.master_key or SecretStr(str(kept))


def hmac_key(settings: Settings) -> SecretStr:
    """The key in PEYGIR_HMAC_KEY, else that of the data folder. Raises `MissingError`."""
    kept = DataFolder(settings.data).read("secrets.json").get("hmac_key")
    if settings.hmac_key is None and not kept:
        raise MissingError(f"there is no HMAC key in {settings.data}: set PEYGIR_HMAC_KEY")
    return settings.hmac_key or SecretStr(str(kept))


def api_key(purpose: str, settings: Settings) -> str:
    """The key in PEYGIR_API_KEY, else the demo's for that purpose."""
    given = os.environ.get("PEYGIR_API_KEY")
    if given:
        return given
    path = Path(settings.data) / "demo.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))[purpose])
    except (FileNotFoundError, ValueError, KeyError) as error:
        raise MissingError(
            f"no API key: set PEYGIR_API_KEY, or start `peygir up` for {path}"
        ) from (error)


def ask(method: str, address: str, key: str | None = None, **how: Any) -> httpx.Response:  # noqa: ANN401
    """The answer, whatever its status. Raises `StartError` where nobody answers."""
    headers = dict(how.pop("headers", {}))
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    try:
        return httpx.request(method, address, headers=headers, timeout=ANSWER_SECONDS_MAX, **how)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise StartError(f"nobody answers at {address} ({type(error).__name__})") from error


def refuse(answer: httpx.Response) -> NoReturn:
    """Says what the problem was, and ends."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    said = problem.get("detail") or problem.get("title") or f"status {answer.status_code}"
    faults = [f"{one['pointer']}: {one['detail']}" for one in problem.get("errors", [])]
    words = faults or [str(said)]
    typer.echo(f"peygir: {'; '.join(words)}", err=True)
    away = answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
    raise typer.Exit(ExitCode.UNAVAILABLE if away else ExitCode.NO)


def end(words: str, code: ExitCode = ExitCode.NO) -> NoReturn:
    typer.echo(f"peygir: {words}", err=True)
    raise typer.Exit(code)


def _running(settings: Settings) -> dict[str, Any]:
    folder = DataFolder(settings.data)
    return folder.read("run.json") if running_pid(folder) else {}
