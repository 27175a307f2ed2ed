"""`peygir schemas`: the contract's generated files, and what a release may not lose."""

from pathlib import Path
from typing import Annotated

import typer

import schemas
from services.contract import files, releases

app = typer.Typer(
    help="The contract: generated files, and what a release may not lose.", no_args_is_help=True
)

Root = Annotated[
    Path, typer.Option("--root", help="the checkout", exists=True, file_okay=False, hidden=True)
]
_HERE = Path(schemas.__file__).parents[1]


@app.command()
def check(root: Root = _HERE) -> None:
    """Fail if a generated file is stale, or a released version is broken."""
    wrong = [
        *(f"stale: {_short(one.path, root)}" for one in _generated(root) if one.stale),
        *(f"breaks {words}" for words in releases.broken(_released(root))),
    ]
    for words in wrong:
        typer.echo(words, err=True)
    if any(words.startswith("stale") for words in wrong):
        typer.echo("run `peygir schemas generate` and commit what it writes", err=True)
    if wrong:
        raise typer.Exit(1)
    versions = sum(1 for one in _released(root).glob("*") if one.is_dir())
    typer.echo(f"the contract holds: generated files are fresh, {versions} releases are kept")


@app.command()
def generate(root: Root = _HERE) -> None:
    """Write the JSON Schemas, and the generated parts of the documentation."""
    stale = [one for one in _generated(root) if one.stale]
    for one in stale:
        one.write()
        typer.echo(f"wrote {_short(one.path, root)}")
    typer.echo(f"{len(stale)} files changed")


@app.command()
def release(version: str, root: Root = _HERE) -> None:
    """Freeze what the code promises now as VERSION."""
    try:
        place = releases.release(_released(root), version)
    except releases.AlreadyReleasedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"froze {version} in {_short(place, root)}; commit it, it is never changed again")


def _generated(root: Path) -> list[files.Generated]:
    try:
        return files.generated(root)
    except files.MarkerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _released(root: Path) -> Path:
    return root / "schemas" / "released"


def _short(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
