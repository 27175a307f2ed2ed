"""What an expression of PromQL asks for, held against the metrics that there are."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from schemas.metric import Metric
from schemas.metrics import ALL
from tests.deployments import ROOT, Document, documents

RULES = ROOT / "deploy" / "prometheus" / "rules"
OF_PROMETHEUS = (
    Metric(name="up", kind="gauge", help="Whether a process answered."),
    Metric(
        name="ALERTS",
        kind="gauge",
        help="The alerts that wait or fire.",
        labels=(
            ("alertname", ()),
            ("alertstate", ("pending", "firing")),
            ("severity", ("page", "ticket")),
            ("audience", ("platform", "call-centre", "department", "privacy")),
            ("slo", ("intake", "freshness", "timer", "api")),
            *((name, ()) for name in ("municipality", "department", "consumer", "role", "channel")),
        ),
    ),
    # What prometheus_client itself shows of a process.
    *(
        Metric(name=f"process_{name}", kind="gauge", help="Of the process itself.")
        for name in (
            "start_time_seconds",
            "cpu_seconds_total",
            "resident_memory_bytes",
            "virtual_memory_bytes",
            "open_fds",
            "max_fds",
        )
    ),
)
ON_EVERY_SERIES = frozenset({"instance", "job"})
_TOKEN = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\])*")|(?P<word>[A-Za-z_][\w:]*)|(?P<number>\d[\w.]*)|"""
    r"""(?P<variable>\$\w+)|(?P<sign>=~|!~|!=|==|>=|<=|\S)"""
)
_GROUPING = frozenset({"by", "without"})
_MATCHING = frozenset({"on", "ignoring", "group_left", "group_right"})
_OPERATORS = frozenset({"and", "or", "unless", "offset", "bool"})
_SUMS = frozenset({"sum", "min", "max", "avg", "count", "topk", "bottomk", "quantile"})
_WORDS = _GROUPING | _MATCHING | _OPERATORS | _SUMS


def asked_of(expression: str) -> list[Metric]:
    """The metrics, recorded rules among them, that an expression asks for.

    Each one exists, each label is one of its own, and each value that it is asked for is one that
    it may have; a variable of a dashboard may be any.
    """
    tokens = _tokens(expression)
    found = dict(_selected(tokens, expression))
    for place, word in enumerate(tokens):
        if word in _GROUPING | _MATCHING:
            _check_grouped(tokens, place, found, expression)
    return list(found.values())


@cache
def known() -> Mapping[str, Metric]:
    """Every name that may be asked for; a histogram by the names of its parts."""
    names: dict[str, Metric] = {metric.name: metric for metric in OF_PROMETHEUS}
    for metric in ALL:
        if metric.kind == "histogram":
            names |= {f"{metric.name}_{part}": metric for part in ("bucket", "count", "sum")}
        else:
            names[metric.name] = metric
    return {**names, **recorded()}


def rules() -> Iterator[Document]:
    """Every rule of ours, recording and alerting."""
    for path in sorted(RULES.glob("*.yml")):
        for group in documents(path)[0]["groups"]:
            yield from group["rules"]


@cache
def recorded() -> Mapping[str, Metric]:
    """The recorded rules as metrics: their own labels, and those that their sums leave."""
    labels: dict[str, dict[str, set[str]]] = {}
    for rule in rules():
        if "record" in rule:
            known_of = labels.setdefault(rule["record"], {})
            for label, values in _left_by(rule, labels):
                known_of.setdefault(label, set()).update(values)
    return {
        name: Metric(
            name=name,
            kind="gauge",
            help="Recorded by a rule.",
            labels=tuple((label, tuple(sorted(values))) for label, values in of.items()),
        )
        for name, of in labels.items()
    }


def _left_by(
    rule: Document, earlier: Mapping[str, Mapping[str, set[str]]]
) -> Iterator[tuple[str, set[str]]]:
    """The labels of what a rule records, with their values where they are a closed set."""
    expression = rule["expr"]
    yield from ((label, {value}) for label, value in rule.get("labels", {}).items())
    for group in re.findall(r"\bby \(([\w, ]+)\)", expression):
        for label in group.split(", "):
            chosen = re.findall(rf'\b{label}=~?"([^"]+)"', expression)
            yield label, {value for one in chosen for value in one.split("|")}
    for name, of in earlier.items():
        if name != rule["record"] and re.search(rf"{name}\b", expression):
            yield from of.items()


def labels_of(metric: Metric) -> set[str]:
    return {label for label, _ in metric.labels} | ON_EVERY_SERIES


def _tokens(expression: str) -> list[str]:
    return [one.group() for one in _TOKEN.finditer(expression)]


def _selected(tokens: list[str], expression: str) -> Iterator[tuple[int, Metric]]:
    """Each metric by its place among the tokens, its choice of labels checked."""
    depths = _in_braces_or_groups(tokens)
    for place, word in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        is_name = re.fullmatch(r"[A-Za-z_][\w:]*", word) is not None
        if not is_name or after == "(" or depths[place]:
            continue
        if word in _WORDS:
            continue
        assert word in known(), f"{word} in {expression}"
        if after == "{":
            _check_chosen(word, tokens[place + 2 : tokens.index("}", place)], expression)
        yield place, known()[word]


def _in_braces_or_groups(tokens: list[str]) -> list[bool]:
    """Which tokens are names of labels, and not of metrics."""
    inside: list[bool] = []
    closing = ""
    for place, word in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        if not closing and word == "{":
            closing = "}"
        elif not closing and word == "(" and before in _GROUPING | _MATCHING:
            closing = ")"
        inside.append(bool(closing))
        if word == closing:
            closing = ""
    return inside


def _check_chosen(name: str, chosen: list[str], expression: str) -> None:
    metric = known()[name]
    listed = dict(metric.labels)
    for place in range(0, len(chosen), 4):
        label, sign, value = chosen[place], chosen[place + 1], chosen[place + 2].strip('"')
        is_bucket = name.endswith("_bucket") and label == "le"
        assert label in labels_of(metric) or is_bucket, f"{label} of {name} in {expression}"
        if is_bucket:
            assert value in {str(bound) for bound in metric.buckets}, f"le={value} of {name}"
        elif listed.get(label) and not value.startswith("$"):
            _check_values(listed[label], sign, value, f"{label}={value} of {name} in {expression}")


def _check_values(listed: tuple[str, ...], sign: str, value: str, where: str) -> None:
    parts = value.split("|") if "~" in sign else [value]
    for part in parts:
        is_there = part in listed
        if "~" in sign:
            is_there = any(re.fullmatch(part, one) for one in listed)
        assert is_there, where


def _check_grouped(
    tokens: list[str], place: int, found: Mapping[int, Metric], expression: str
) -> None:
    """Labels that are summed by belong to all that is summed; those joined on, to something."""
    if place + 1 >= len(tokens) or tokens[place + 1] != "(":
        return
    end = tokens.index(")", place)
    labels = {word for word in tokens[place + 2 : end] if word != ","}
    if tokens[place] in _MATCHING:
        of_all = set[str]().union(*(labels_of(metric) for metric in found.values()))
        assert labels <= of_all | {"le"}, f"{labels - of_all} in {expression}"
        return
    close = _closing(tokens, end + 1)
    summed = {at: metric for at, metric in found.items() if end < at < close}
    brought = _brought(tokens[end:close])
    for at, metric in summed.items():
        own = labels_of(metric) | ({"le"} if tokens[at].endswith("_bucket") else set[str]())
        assert labels <= own | brought, f"{labels - own} of {tokens[at]} in {expression}"


def _closing(tokens: list[str], opening: int) -> int:
    """Where the parenthesis that opens there is closed."""
    assert tokens[opening] == "(", "write `sum by (…) (…)`"
    depth = 0
    for place in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[place], 0)
        if depth == 0:
            return place
    raise AssertionError("a parenthesis is not closed")


def _brought(tokens: list[str]) -> set[str]:
    """Labels that a join brings from its other side, or `label_replace` makes."""
    brought: set[str] = set()
    for place, word in enumerate(tokens):
        if word == "label_replace":
            end = _closing(tokens, place + 1)
            texts = [one for one in tokens[place:end] if one.startswith('"')]
            brought.add(texts[-4].strip('"'))
        if word in {"group_left", "group_right"} and tokens[place + 1] == "(":
            brought |= set(tokens[place + 2 : tokens.index(")", place)]) - {","}
    return brought
