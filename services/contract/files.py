"""The files that are made from the contract's code, and which of them are stale."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas import inventory
from services.contract import asyncapi, kubernetes, life, pages, picture

Block = Callable[[], str]

# What is generated inside a page, by the name that its markers carry.
BLOCKS: dict[str, dict[str, Block]] = {
    "docs/architecture.md": {"picture": picture.mermaid, "topics": pages.topics},
    "docs/life.md": {
        "states": life.states,
        "steps": life.steps,
        "deeds": life.deeds,
        "refusals": life.refusals,
    },
    "docs/operating.md": {"settings": pages.settings, "metrics": pages.metrics},
}


class MarkerError(ValueError):
    """A page lacks the markers between which its block stands."""


@dataclass(frozen=True, slots=True)
class Generated:
    """One file and what it must hold; `text` is `None` for a file that must not be there."""

    path: Path
    text: str | None

    @property
    def stale(self) -> bool:
        there = self.path.read_text() if self.path.exists() else None
        return there != self.text

    def write(self) -> None:
        if self.text is None:
            self.path.unlink()
        else:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.text)


def generated(root: Path) -> list[Generated]:
    """Every generated file under `root`. Raises `MarkerError`."""
    folder = root / "schemas" / "json"
    schemas = {
        folder / f"{name}.json": as_text(inventory.schema_of(name)) for name in inventory.types()
    }
    leftovers = {path: None for path in folder.glob("*.json") if path not in schemas}
    written = {
        path: _with_blocks(path, blocks)
        for path, blocks in ((root / page, blocks) for page, blocks in BLOCKS.items())
        if path.exists()
    }
    resources = {
        root / path: text
        for path, text in kubernetes.files().items()
        if (root / path).parent.exists()
    }
    topics = {root / "schemas" / "asyncapi.json": as_text(asyncapi.document())}
    everything = schemas | leftovers | topics | written | resources
    return [Generated(path, text) for path, text in everything.items()]


def as_text(document: Any) -> str:  # noqa: ANN401  # any JSON
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _with_blocks(path: Path, blocks: dict[str, Block]) -> str:
    text = path.read_text()
    for name, block in blocks.items():
        opening = f"<!-- generated: {name}; `peygir schemas generate` writes it -->\n"
        closing = f"<!-- end of {name} -->\n"
        before, found, rest = text.partition(opening)
        _, closed, after = rest.partition(closing)
        if not (found and closed):
            raise MarkerError(f"{path.name} has no line {opening.strip()} … {closing.strip()}")
        text = f"{before}{opening}{block()}{closing}{after}"
    return text
