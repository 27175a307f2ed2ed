"""Kafka's jars: fetched once through Maven's repository, and exactly the ones we pinned."""

import hashlib
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from services.embedded.errors import MissingError

KAFKA = "4.3.1"
BROKER = f"org.apache.kafka:kafka_2.13:{KAFKA}+org.apache.kafka:kafka-tools:{KAFKA}"
# A build of its own: beside the broker, its parent would silently downgrade kafka-clients.
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
PINNED = Path(__file__).parents[2] / "deploy" / "kafka" / "jars.sha256"
INSTALLED = Path(sys.prefix) / "share" / "peygir" / f"kafka-{KAFKA}"
WHAT_TO_DO = "run `make setup` (or `python -m services.embedded`) to fetch it again"


def install(say: Callable[[str], None], folder: Path = INSTALLED, pinned: Path = PINNED) -> None:
    """Fetch what is missing or changed. Quick when there is nothing to do."""
    wanted = read_pins(pinned)
    if not _wrong(folder, wanted):
        return
    say(f"fetching Kafka {KAFKA} ({len(wanted)} jars), once")
    folder.mkdir(parents=True, exist_ok=True)
    _gather(folder, wanted)
    verify(folder, pinned)


def verify(folder: Path = INSTALLED, pinned: Path = PINNED) -> None:
    """Every pinned jar is there and unchanged, and nothing else would be loaded."""
    wanted = read_pins(pinned)
    wrong = _wrong(folder, wanted)
    if wrong:
        raise MissingError(f"Kafka in {folder}: {'; '.join(wrong)}. To repair, {WHAT_TO_DO}")


def read_pins(pinned: Path) -> Mapping[str, str]:
    """Names and digests, in the format of `sha256sum`."""
    if not pinned.exists():
        raise MissingError(
            f"the list of Kafka's jars {pinned} is missing. Peygir runs from its checkout: "
            "`git clone`, then `make setup`"
        )
    lines = pinned.read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _wrong(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    there = {jar.name: jar for jar in folder.glob("*.jar")}
    missing = [f"{name} is missing" for name in wanted if name not in there]
    unknown = [f"{name} does not belong there" for name in there if name not in wanted]
    changed = [
        f"{name} is not the one we pinned"
        for name, digest in wanted.items()
        if name in there and _digest(there[name]) != digest
    ]
    return missing[:3] + unknown[:3] + changed[:3]


def _digest(jar: Path) -> str:
    with jar.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _gather(folder: Path, wanted: Mapping[str, str]) -> None:
    import jgo  # noqa: PLC0415 - a second of import that only the first setup pays

    cache = folder.with_name(f"{folder.name}.fetch")
    try:
        for endpoint in (BROKER, LOGGING):
            found = jgo.build(endpoint, update=True, cache_dir=cache)
            for jar in Path(found.path).rglob("*.jar"):
                if jar.name in wanted:
                    shutil.copyfile(jar, folder / jar.name)
    except Exception as error:
        raise MissingError(
            f"Kafka's jars could not be fetched: {error}. Maven's repository must be reachable once"
        ) from error
    for jar in folder.glob("*.jar"):
        if jar.name not in wanted:
            jar.unlink()
    for made_of_others in folder.glob("*.aot"):
        made_of_others.unlink()
    shutil.rmtree(cache)
