"""How Postgres is, and whether the tables are those of this version and this log."""

import base64
import binascii
from collections.abc import Iterator, Mapping

from schemas.projection import LAYOUT
from schemas.sealing import KEY_BYTES, UnsealError, unwrap
from services.doctor.check import Check, ok, unless, warning, wrong
from services.doctor.seen import Away, Broker, Database, Work

VERSION_MIN = 15
VERSION_TRIED = 18
AHEAD_SECONDS_MAX = 2.0
# With these, no row and no parameter is written into the server's own log.
QUIET = {
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
PROVISION = "`peygir up`, or `python -m services provision`"


def judge(
    seen: Database | Away, broker: Broker | Away | None, master: str | None
) -> Iterator[Check]:
    if isinstance(seen, Away):
        do = "start it, or correct PEYGIR_DATABASE_URL; see logs/postgres.log"
        yield wrong("postgres", seen.why, do)
        return
    yield from _server(seen)
    yield from unless(
        _quiet(seen.logging), ok("postgres's log", "holds no row and no parameter of a statement")
    )
    yield from _tables(seen, broker)
    if seen.work is not None:
        yield _master(master, seen.work)


def _server(seen: Database) -> Iterator[Check]:
    says = f"PostgreSQL {seen.version}"
    if seen.version < VERSION_MIN:
        yield wrong("postgres", f"{says} is too old", f"upgrade to {VERSION_TRIED}")
    elif seen.version < VERSION_TRIED:
        do = f"upgrade to {VERSION_TRIED} when it suits"
        yield warning("postgres", f"{says}; it was tried with {VERSION_TRIED}", do)
    else:
        yield ok("postgres", says)
    if seen.encoding != "UTF8":
        do = "make the database anew with the encoding UTF8"
        yield wrong("encoding", f"the database is in {seen.encoding}", do)
    if seen.trigrams == "public":
        yield ok("pg_trgm", "there")
    else:
        says = f"in the schema {seen.trigrams}, not in public" if seen.trigrams else "not there"
        yield wrong("pg_trgm", says, "`create extension pg_trgm schema public` as its owner")
    if abs(seen.ahead_seconds) > AHEAD_SECONDS_MAX:
        which = "ahead of" if seen.ahead_seconds > 0 else "behind"
        says = f"{abs(seen.ahead_seconds):.0f} s {which} this machine"
        yield wrong("postgres's clock", says, "set both clocks (NTP)")
    else:
        yield ok("postgres's clock", "as this machine's")


def _quiet(logging: Mapping[str, str]) -> Iterator[Check]:
    loud = [f"{name}={value}" for name, value in QUIET.items() if logging.get(name) != value]
    if loud:
        yield warning(
            "postgres's log",
            f"may write rows or statements, and so citizens' words ({len(loud)} settings)",
            f"set {', '.join(loud)} in postgresql.conf",
        )


def _tables(seen: Database, broker: Broker | Away | None) -> Iterator[Check]:
    if seen.layout is None or seen.work is None:
        yield wrong("tables", "not laid out", PROVISION)
        return
    if seen.layout != LAYOUT:
        says = f"laid out as {seen.layout}, and this version needs {LAYOUT}"
        yield wrong("tables", says, "`peygir rebuild` of this version; see docs/upgrade.md")
    else:
        yield ok("tables", f"laid out as {LAYOUT}")
    if isinstance(broker, Broker):
        others = seen.work.clusters - {broker.cluster_id}
        if others:
            says = f"the projection was read from {', '.join(sorted(others))}"
            do = "point PEYGIR_KAFKA at that cluster, or rebuild: `peygir rebuild`"
            yield wrong("cluster", f"{says}, this is {broker.cluster_id}", do)
        else:
            yield ok("cluster", "the projection is this log's")


def _master(given: str | None, work: Work) -> Check:
    """The key itself is never part of what is said."""
    if given is None:
        return wrong("master key", "there is none", "set PEYGIR_MASTER_KEY from where it is kept")
    try:
        key = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        return wrong("master key", "is not 32 bytes in base64url", "correct PEYGIR_MASTER_KEY")
    if work.wrapped is None:
        return ok("master key", "there; no case has a key on the ring yet")
    try:
        unwrap(work.wrapped, key)
    except (UnsealError, ValueError):
        do = "set the key that this installation was made with; without it nothing can be read"
        return wrong("master key", "does not open a key of the ring", do)
    return ok("master key", "opens the keys of the ring")
