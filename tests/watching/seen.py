"""What is seen of a city at one moment: by Prometheus, by the dashboards, by `/api/v1`."""

import time
from collections.abc import Collection
from dataclasses import dataclass

from tests.crash.city import City
from tests.watching.alarms import OF_THIS_MACHINE
from tests.watching.answers import Answers, asked
from tests.watching.boards import Values, panels
from tests.watching.prometheus import Labels, Prometheus

# Two counts by the accountant, two scrapes and two evaluations: what is seen then is of now.
STILL_SECONDS = 5.0
LOOK_SECONDS = 0.5

Alerts = dict[str, list[Labels]]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All of it, while nothing happened."""

    answers: Answers
    shown: dict[tuple[str, str], Values]
    alerts: Alerts
    up: dict[str, bool]


def seen(city: City, prometheus: Prometheus) -> Seen:
    time.sleep(STILL_SECONDS)
    return Seen(
        shown={place: panel.shown(prometheus) for place, panel in panels().items()},
        alerts=firing(prometheus),
        up=prometheus.up(),
        answers=asked(city),
    )


def firing(prometheus: Prometheus) -> Alerts:
    """Without those that speak of this machine."""
    alerts = prometheus.firing().items()
    return {name: labels for name, labels in alerts if name not in OF_THIS_MACHINE}


def until_firing(prometheus: Prometheus, wanted: Collection[str], seconds_max: float) -> None:
    """Waits until just these fire. What fires otherwise is for the test to say."""
    deadline = time.monotonic() + seconds_max
    while firing(prometheus).keys() != set(wanted) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
