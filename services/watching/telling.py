"""One moment as JSON, for programs."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from services.watching.figures import Figure, View
from services.watching.words import WORDS


def told(view: View) -> dict[str, Any]:
    """A number that nobody shows is null, which is not 0; lengths of time are in seconds."""
    return {
        "at": view.at.isoformat(),
        "fine": view.fine,
        "now": _figures(view.now),
        "also": _figures(view.also),
        "departments": [asdict(one) for one in view.departments],
        "waiting": [asdict(one) for one in view.waiting],
        "processes": [
            {
                "name": one.name,
                "address": one.address,
                "condition": one.condition,
                "wrong": one.wrong or None,
            }
            for one in view.processes
        ],
    }


def _figures(figures: Iterable[Figure]) -> dict[str, Any]:
    return {
        one.name: {"title": WORDS["en"][one.name], "value": one.value, "state": one.state}
        for one in figures
    }
