"""Where each process of an installation shows its metrics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.embedded import ports

WAITING = "has ended, and is started again"
GONE = "its instance does not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A process that is asked at its port; without one it is known from elsewhere how it is."""

    name: str
    host: str = ports.HOST
    port: int | None = None
    wrong: str = ""

    @property
    def address(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"


def given(watched: str) -> list[Target]:
    """Those of the setting: `HOST:PORT` with commas between."""
    found = [one.strip().rpartition(":") for one in watched.split(",") if one.strip()]
    hosts = [host for host, _, _ in found]
    return [
        Target(
            # A host with one process gives it its name.
            name=host if hosts.count(host) == 1 else f"{host}:{port}",
            host=host.strip("[]"),
            port=int(port),
        )
        for host, _, port in found
    ]


def of_instance(run: Mapping[str, Any]) -> list[Target]:
    """Those of an instance of our own; how its servers are its supervisor knows."""
    living = [_living(name, one) for name, one in run.get("processes", {}).items()]
    return [*living, *(Target(name=name, wrong=WAITING) for name in run.get("ended", ()))]


def of_the_gone(known: Iterable[Target]) -> list[Target]:
    """Those of an instance that has ended: nobody knows any more how its servers are."""
    return [replace(one, wrong=GONE) if one.port is None else one for one in known]


def _living(name: str, entry: Mapping[str, Any]) -> Target:
    if entry["metrics_port"] is not None:
        return Target(name=name, port=entry["metrics_port"])
    wrong = "" if entry["state"] == "healthy" else entry["state"]
    return Target(name=name, host=entry["address"], wrong=wrong)
