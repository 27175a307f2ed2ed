"""Our deployments as they are written, and as the tools that read them would see them."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
KUBERNETES = ROOT / "deploy" / "kubernetes"
SCHEMAS = ROOT / "tests" / "data" / "schemas"
# What a list's entries are merged by, as Kubernetes does it.
MERGED_BY = {
    "containers": "name",
    "env": "name",
    "volumes": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
}

Document = dict[str, Any]


def documents(path: Path) -> list[Document]:
    return copy.deepcopy(_parsed(path.read_text()))


@cache
def _parsed(text: str) -> list[Document]:
    return [one for one in YAML(typ="safe").load_all(text) if one]


@cache
def schema(name: str) -> Document:
    return json.loads((SCHEMAS / name).read_text())


def mistakes(document: Document, wanted: Document) -> list[str]:
    """What the schema does not allow, with its place."""
    found = Draft202012Validator(wanted).iter_errors(document)
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


@cache
def compose() -> Document:
    return documents(COMPOSE)[0]


def services() -> Mapping[str, Document]:
    return compose()["services"]


def interpolated(text: str, environment: Mapping[str, str]) -> str:
    """As Compose puts variables in: `${NAME}`, `${NAME:-default}`, `${NAME:?words}`."""

    def put(found: re.Match[str]) -> str:
        name, default = found["name"], found["default"]
        return environment.get(name) or default or ""

    return re.sub(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}", put, text)


@cache
def kustomized(folder: Path) -> tuple[Document, ...]:
    """What `kubectl kustomize` makes of the folder, as far as ours use it."""
    recipe = documents(folder / "kustomization.yaml")[0]
    made: list[Document] = []
    made += [_config_map(folder, one, recipe) for one in recipe.get("configMapGenerator", [])]
    for name in recipe.get("resources", []):
        below = folder / name
        made += kustomized(below.resolve()) if below.is_dir() else documents(below)
    made = copy.deepcopy(made)
    for patch in recipe.get("patches", []):
        _patch(made, documents(folder / patch["path"])[0], patch.get("target"))
    for image in recipe.get("images", []):
        for container in (one for resource in made for one in containers(resource)):
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    return tuple(made)


def _config_map(folder: Path, one: Document, recipe: Document) -> Document:
    labels = recipe["generatorOptions"]["labels"]
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": one["name"], "labels": labels},
        "data": {name: (folder / name).read_text() for name in one["files"]},
    }


def pod_of(resource: Document) -> Document | None:
    """The pod that a resource makes or is."""
    spec = resource.get("spec", {})
    if resource["kind"] == "Pod":
        return spec
    return spec.get("template", {}).get("spec") if "strimzi" not in resource["apiVersion"] else None


def containers(resource: Document) -> Iterator[Document]:
    yield from (pod_of(resource) or {}).get("containers", [])


def of_kind(resources: tuple[Document, ...], *kinds: str) -> dict[str, Document]:
    return {one["metadata"]["name"]: one for one in resources if one["kind"] in kinds}


def _patch(made: list[Document], patch: Document, target: Mapping[str, str] | None) -> None:
    for number, resource in enumerate(made):
        if target is None:
            same = _identity(resource) == _identity(patch)
        else:
            label, _, value = target["labelSelector"].partition("=")
            labels = resource["metadata"].get("labels", {})
            same = resource["kind"] == target["kind"] and labels.get(label) == value
        if same:
            name = resource["metadata"]["name"]
            made[number] = _merged(resource, patch, "")
            made[number]["metadata"]["name"] = name


def _identity(resource: Document) -> tuple[str, str]:
    return resource["kind"], resource["metadata"]["name"]


def _merged(known: Any, over: Any, field: str) -> Any:  # noqa: ANN401  # any YAML
    if isinstance(known, dict) and isinstance(over, dict):
        rest = {name: value for name, value in over.items() if name not in known}
        both = {name: _merged(known[name], over[name], name) for name in known if name in over}
        return {**known, **both, **copy.deepcopy(rest)}
    key = MERGED_BY.get(field)
    if key and isinstance(known, list):
        mine = {one[key]: one for one in known}
        theirs = {one[key]: one for one in over}
        names = dict.fromkeys([*theirs, *mine])
        return [
            _merged(mine[name], theirs[name], "")
            if name in mine and name in theirs
            else copy.deepcopy(mine.get(name) or theirs[name])
            for name in names
        ]
    return copy.deepcopy(over)
