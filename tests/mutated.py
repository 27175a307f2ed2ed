"""Rules with one thing changed, and whether their tests see it."""

import re
import subprocess
from collections.abc import Iterator
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


def is_seen(name: str, changed: Document, promtool: str, folder: Path) -> bool:
    """Whether some test of this alert fails with the changed rule."""
    path, groups = _groups_with(name)
    for group in groups:
        group["rules"] = [
            changed if rule.get("alert") == name else rule
            for rule in group["rules"]
            if rule.get("alert") == name or _is_asked_for(rule, changed["expr"])
        ]
    (folder / "rules.yml").write_text(_as_yaml({"groups": groups}))
    for number, test in enumerate(tests_of(name, path.stem)):
        file = folder / f"test-{number}.yml"
        file.write_text(_as_yaml({**test, "rule_files": ["rules.yml"]}))
        command = [promtool, "test", "rules", file]
        tried = subprocess.run(command, check=False, capture_output=True, text=True)
        if tried.returncode != 0:
            # It ran, and expected something else: a rule that cannot be read proves nothing.
            assert "exp:" in tried.stdout + tried.stderr, tried.stderr
            return True
    return False


def tests_of(name: str, stem: str) -> Iterator[Document]:
    """The files of tests for these rules, each with what it asks of this alert alone."""
    for path in sorted(TESTS.glob("*.yml")):
        file = documents(path)[0]
        asking = [one for one in file["tests"] if list(outcomes(one, name))]
        if asking and file["rule_files"][0].endswith(f"/{stem}.yml"):
            yield {**file, "tests": [_narrowed(one, name) for one in asking]}


def _narrowed(test: Document, name: str) -> Document:
    checks = [
        {
            **check,
            "expr": re.sub(r'alertname=~?"[^"]*"', f'alertname="{name}"', check["expr"]),
            "exp_samples": [one for one in check["exp_samples"] if _is_of(one, name)],
        }
        for check in test["promql_expr_test"]
        if _asks_for(check, name)
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
