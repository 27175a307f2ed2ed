"""Rules whose times are short, so that a day of alerts passes within a test.

Every `for` and every window is divided by `FACTOR`: an alert that waits for ten minutes fires
after ten seconds. Thresholds are left as they are. That each alert has the right times is what the
rules' own unit tests prove; here it is whether the right ones fire on what a running city shows.
Where a rule counts an hour's events from a rate, it counts an hour of a minute's: the guards of the
objectives let pass more than they would.
"""

import re
from typing import Any

FACTOR = 60
SECONDS_MIN = 5  # Several scrapes, or there is no rate.
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}
DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
WINDOW = re.compile(rf"\[(?P<window>{DURATION})(?P<step>:(?:{DURATION})?)?\]")
OFFSET = re.compile(rf"\boffset (?P<window>{DURATION})")


def hurried(rules: dict[str, Any]) -> dict[str, Any]:
    """One file of rules, each group of it evaluated as often as the processes are asked."""
    return {"groups": [_group(group) for group in rules["groups"]]}


def _group(group: dict[str, Any]) -> dict[str, Any]:
    timeless = {name: value for name, value in group.items() if name != "interval"}
    return {**timeless, "rules": [_rule(rule) for rule in group["rules"]]}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    waits = {
        name: short(str(rule[name]), seconds_min=0)
        for name in ("for", "keep_firing_for")
        if name in rule
    }
    return {**rule, **waits, "expr": short_windows(str(rule["expr"]))}


def short_windows(expression: str) -> str:
    windows = WINDOW.sub(_window, expression)
    return OFFSET.sub(lambda found: f"offset {short(found['window'])}", windows)


def short(duration: str, *, seconds_min: float = SECONDS_MIN) -> str:
    found = re.findall(r"(\d+)(ms|[smhdwy])", duration)
    seconds = sum(int(count) * UNITS[unit] for count, unit in found)
    return f"{max(seconds_min, round(seconds / FACTOR)):g}s"


def _window(found: re.Match[str]) -> str:
    return f"[{short(found['window'])}{':1s' if found['step'] else ''}]"
