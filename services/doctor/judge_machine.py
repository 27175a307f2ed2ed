"""How the machine and the data folder are: judged from what was seen of them."""

from collections.abc import Iterator

from services.doctor.check import Check, ok, some, unless, warning, wrong
from services.doctor.seen import Machine

PYTHON_MIN = (3, 11)
TRIED = {"Linux": {"x86_64", "aarch64"}, "Darwin": {"arm64", "x86_64"}}
GIGABYTE = 1024**3
FREE_MIN = 1 * GIGABYTE
FREE_FEW = 5 * GIGABYTE


def judge(seen: Machine, *, own_kafka: bool) -> Iterator[Check]:
    yield from _platform(seen)
    yield from _folder(seen)
    if own_kafka:
        yield from _parts(seen)
    yield _instance(seen)


def _platform(seen: Machine) -> Iterator[Check]:
    version = ".".join(map(str, seen.python))
    if seen.python < PYTHON_MIN:
        needed = ".".join(map(str, PYTHON_MIN))
        yield wrong("python", f"Python {version} is too old", f"install {needed} or later")
    else:
        yield ok("python", f"Python {version}")
    place = f"{seen.system} on {seen.architecture}"
    if seen.architecture in TRIED.get(seen.system, set()):
        yield ok("machine", place)
    else:
        yield warning("machine", f"{place} was never tried", "use Linux on x86_64 or aarch64")


def _folder(seen: Machine) -> Iterator[Check]:
    if seen.unusable:
        yield wrong("data folder", seen.unusable, "choose another with PEYGIR_DATA")
        return
    if not seen.exists:
        yield warning("data folder", f"{seen.folder} is not there yet", "`peygir up` makes it")
    elif not seen.writable:
        yield wrong("data folder", f"{seen.folder} cannot be written", "change its owner or mode")
    else:
        yield ok("data folder", seen.folder)
    yield _room(seen)
    yield from unless(
        _secrets(seen), ok("secrets", "kept for their owner alone, or given by the environment")
    )


def _room(seen: Machine) -> Check:
    free = f"{seen.free_bytes / GIGABYTE:.1f} GiB are free"
    if seen.free_bytes < FREE_MIN:
        return wrong("disk", free, "make room: a full disk stops the log")
    if seen.free_bytes < FREE_FEW:
        return warning("disk", free, "make room before it is needed")
    return ok("disk", free)


def _secrets(seen: Machine) -> Iterator[Check]:
    if seen.loose:
        files = some(seen.loose)
        yield wrong("secrets", f"others can read {files}", f"`chmod 600` in {seen.folder}")
    for damage in seen.damaged:
        yield wrong(
            "secrets",
            damage,
            "put back what you kept; run.json and demo.json may be deleted: they are made anew",
        )
    if seen.keeps_a_log and not seen.secrets:
        yield wrong(
            "secrets",
            "the folder has a log and no secrets.json: what is sealed there cannot be read",
            "put secrets.json back from where it is kept, or set PEYGIR_MASTER_KEY and _HMAC_KEY",
        )


def _parts(seen: Machine) -> Iterator[Check]:
    if seen.java:
        yield ok("java", "comes with Peygir")
    else:
        yield wrong("java", "the Java that pip brings is not there", "`make setup`")
    if seen.jars is None:
        yield ok("kafka's jars", "all there, and the pinned ones")
    else:
        yield wrong("kafka's jars", seen.jars, "`make setup`, or `python -m services.embedded`")


def _instance(seen: Machine) -> Check:
    if seen.running is not None:
        return ok("instance", f"runs as pid {seen.running}")
    if seen.port_taken:
        return wrong(
            "instance",
            f"port {seen.port} is taken, and not by an instance of this folder",
            "stop what has it, or choose another: PEYGIR_PORT",
        )
    if seen.stale_run:
        says = "run.json is left from a run that was killed"
        return warning("instance", says, "nothing: the next `peygir up` tidies up")
    return ok("instance", f"none runs with this folder, and port {seen.port} is free")
