"""What is seen of a city at one moment: on the dashboards, in a terminal, by `/api/v1`."""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.command.exit_codes import ExitCode
from tests.crash.city import City
from tests.embedded.running import command
from tests.watching.alarms import OF_THIS_MACHINE
from tests.watching.answers import Answers, asked
from tests.watching.boards import Place, Values, panels
from tests.watching.prometheus import Labels, Prometheus

# Two counts by the accountant, two scrapes and two evaluations: what is seen then is of now.
STILL_SECONDS = 5.0
LOOK_SECONDS = 0.5

Alerts = dict[str, list[Labels]]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All of it, while nothing happened. `watched` is what `peygir watch --json` says."""

    answers: Answers
    shown: dict[Place, Values]
    watched: dict[str, Any]
    alerts: Alerts
    up: dict[str, bool]


def seen(city: City, prometheus: Prometheus) -> Seen:
    """All as of the moment at which the terminal was looked at."""
    asked(city, datetime.now(UTC))  # Somebody reads: what that costs is shown, too.
    time.sleep(STILL_SECONDS)
    watched = _watched(city)
    moment = datetime.fromisoformat(watched["at"])
    return Seen(
        shown={place: panel.shown(prometheus, moment) for place, panel in panels().items()},
        watched=watched,
        alerts=firing(prometheus),
        up=prometheus.up(),
        answers=asked(city, moment),
    )


def _watched(city: City) -> dict[str, Any]:
    done = command("watch", "--json", data=city.data)
    assert done.returncode in {ExitCode.OK, ExitCode.NO}, done.stderr
    told = json.loads(done.stdout)
    assert told["fine"] is (done.returncode == ExitCode.OK)
    return told


def firing(prometheus: Prometheus) -> Alerts:
    """Without those that speak of this machine."""
    alerts = prometheus.firing().items()
    return {name: labels for name, labels in alerts if name not in OF_THIS_MACHINE}


def until_firing(prometheus: Prometheus, wanted: Collection[str], seconds_max: float) -> None:
    """Waits until just these fire. What fires otherwise is for the test to say."""
    deadline = time.monotonic() + seconds_max
    while firing(prometheus).keys() != set(wanted) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
