"""Rules with one thing changed, and whether their tests see it."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from copy import deepcopy
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from tests.deployments import ROOT, Document, documents
from tests.promql import RULES

TESTS = ROOT / "tests" / "rules"
FACTOR = 1.5
WINDOW_FACTOR = 4
_NUMBER = re.compile(r'"[^"]*"|\[[^\]]*\]|vector\(\d+\)|\b(?P<number>\d+(?:\.\d+)?)\b(?![smhdw])')
_WINDOW = re.compile(r"(?:\[|offset )(?P<number>\d+)[smhd]")


def changes(rule: Document) -> Iterator[tuple[str, Document]]:
    """Each change of an alert that its tests should see, in words."""
    expression: str = rule["expr"]
    for make in (_numbers, _windows, _arms):
        for words, text in make(expression):
            yield words, {**rule, "expr": text}
    if "for" in rule:
        later = re.sub(r"\d+", lambda found: str(int(found.group()) * WINDOW_FACTOR), rule["for"])
        yield f"for {later}", {**rule, "for": later}
        yield "for no time", {name: value for name, value in rule.items() if name != "for"}


def unseen(
    name: str, changed: Iterable[tuple[str, Document]], promtool: str, folder: Path
) -> list[str]:
    """The words of the changes with which every test of this alert passes all the same.

    The changed alerts are tried together, each under a name of its own: most of the time goes to
    what they rest on.
    """
    path, groups = _groups_with(name)
    called: dict[str, str] = {}
    alerts: list[Document] = []
    for number, (words, rule) in enumerate(changed):
        called[f"{name}_{number}"] = words
        alerts.append({**rule, "alert": f"{name}_{number}"})
    for group in groups:
        group["rules"] = [
            other
            for rule in group["rules"]
            for other in (alerts if rule.get("alert") == name else [rule])
            if other in alerts or any(_is_asked_for(rule, one["expr"]) for one in alerts)
        ]
    (folder / "rules.yml").write_text(_as_yaml({"groups": groups}))
    seen: set[str] = set()
    for number, test in enumerate(tests_of(name, path.stem, called)):
        file = folder / f"test-{number}.yml"
        file.write_text(_as_yaml({**test, "rule_files": ["rules.yml"]}))
        seen |= _failed(name, [promtool, "test", "rules", str(file)])
    return [words for other, words in called.items() if other not in seen]


def _failed(name: str, command: list[str]) -> set[str]:
    """The names of the alerts of which something else was expected."""
    tried = subprocess.run(command, check=False, capture_output=True, text=True)
    said = tried.stdout + tried.stderr
    found = set(re.findall(rf'expr: ".*?\balertname=\\?"({name}_\d+)\b', said))
    # It ran: a rule that cannot be read proves nothing.
    assert bool(found) is (tried.returncode != 0), said
    return found


def tests_of(name: str, stem: str, called: Iterable[str]) -> Iterator[Document]:
    """The files of tests for these rules, each with what it asks of this alert, of each of those.

    `called` are the names that the alert goes by instead.
    """
    for path in sorted(TESTS.glob("*.yml")):
        file = documents(path)[0]
        asking = [one for one in file["tests"] if list(outcomes(one, name))]
        if asking and file["rule_files"][0].endswith(f"/{stem}.yml"):
            yield {**file, "tests": [_narrowed(one, name, called) for one in asking]}


def _narrowed(test: Document, name: str, called: Iterable[str]) -> Document:
    checks = [
        {
            **check,
            "expr": re.sub(r'alertname=~?"[^"]*"', f'alertname="{other}"', check["expr"]),
            "exp_samples": [
                {**one, "labels": one["labels"].replace(f'"{name}"', f'"{other}"')}
                for one in check["exp_samples"]
                if _is_of(one, name)
            ],
        }
        for check in test["promql_expr_test"]
        if _asks_for(check, name)
        for other in called
    ]
    return {**test, "promql_expr_test": checks}


def _is_of(sample: Document, name: str) -> bool:
    return "alertname=" not in sample["labels"] or f'"{name}"' in sample["labels"]


def outcomes(test: Document, name: str) -> Iterator[bool]:
    """At each look of a test for this alert, in order: does it fire?"""
    for check in test["promql_expr_test"]:
        if _asks_for(check, name):
            yield any(_is_of(sample, name) for sample in check["exp_samples"])


def _is_asked_for(rule: Document, expression: str) -> bool:
    """Whether an alert rests on what this rule records; of an objective's, on this objective's."""
    if "record" not in rule or not re.search(rf"{rule['record']}\b", expression):
        return False
    objective = rule.get("labels", {}).get("slo")
    return objective is None or f'slo="{objective}"' in expression


def _asks_for(check: Document, name: str) -> bool:
    asked = re.search(r'alertname=(?P<like>~?)"(?P<name>[^"]*)"', check["expr"])
    if asked is None:
        return False
    return bool(re.fullmatch(asked["name"], name)) if asked["like"] else asked["name"] == name


def _groups_with(name: str) -> tuple[Path, list[Document]]:
    for path in sorted(RULES.glob("*.yml")):
        groups = deepcopy(documents(path)[0]["groups"])
        if any(rule.get("alert") == name for group in groups for rule in group["rules"]):
            return path, groups
    raise AssertionError(name)


def _numbers(expression: str) -> Iterator[tuple[str, str]]:
    for found in _NUMBER.finditer(expression):
        number = found["number"]
        if number is None:
            continue
        value = float(number)
        # Less than one of what is counted whole is none, as before.
        others = (2.0,) if value == 0 else (value * FACTOR, value / FACTOR)
        for other in others if value != 1 else others[:1]:
            yield f"{number} -> {other:g}", _put(expression, found, f"{other:.6f}")


def _windows(expression: str) -> Iterator[tuple[str, str]]:
    for found in _WINDOW.finditer(expression):
        number = int(found["number"])
        yield f"{found.group()} longer", _put(expression, found, str(number * WINDOW_FACTOR))


def _put(expression: str, found: "re.Match[str]", other: str) -> str:
    start, end = found.span("number")
    return expression[:start] + other + expression[end:]


def _arms(expression: str) -> Iterator[tuple[str, str]]:
    """Without one of what stands between `or`, outside of all parentheses."""
    depth, cuts = 0, [0]
    for word in re.finditer(r'"[^"]*"|[(){}]|\bor\b', expression):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(word.group(), 0)
        if word.group() == "or" and depth == 0:
            cuts += [word.start(), word.end()]
    cuts.append(len(expression))
    arms = [expression[start:end] for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
    if len(arms) > 1:
        for place, arm in enumerate(arms):
            yield f"without {arm.split()}", " or ".join(arms[:place] + arms[place + 1 :])


def _as_yaml(document: Document) -> str:
    stream = StringIO()
    yaml = YAML(typ="safe")
    yaml.dump(document, stream)
    return stream.getvalue()
