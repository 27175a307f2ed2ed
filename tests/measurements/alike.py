"""How long it takes to find what a new case may repeat: `python -m tests.measurements.alike`.

The numbers of docs/duplicates.md: among a million cases, and in the worst storm on record on top of
them, each index that finds them there and not there.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import asyncpg

from schemas import projection
from schemas.vocabulary import CaseId, Category, Municipality
from services.embedded.parts import Embedded
from streams.core.duplicates import Around, Compared, address_words
from streams.core.nearness import Spot, box_around
from streams.linker.projection import Projection
from tests.bench.many_cases import BEGAN, COLUMNS, DAYS, cases
from tests.bench.table import percentile

CASES = 1_000_000
STORM = 13_300  # Calls to Tehran's 137 on the worst day.
CITY = Municipality("hashtgerd")
SUBJECT = Category("department-0-0")
NOW = BEGAN + timedelta(days=DAYS)
SOUTH, WEST, WIDE = 35.90, 50.60, 0.2  # Twenty kilometres.
CROSSING = Spot(lat=35.9621, lon=50.6789)
STREET = "خیابان امام نبش کوچه پنجم"
ROUNDS = 300
OURS = ("cases_alike", "case_words_address")


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="peygir-alike-") as folder,
        Embedded(Path(folder) / "data") as parts,
        parts.postgres() as database,
    ):
        asyncio.run(_measure(database.url("peygir")))


async def _measure(url: str) -> None:
    connection = await asyncpg.connect(url, server_settings={"search_path": "projection, desk"})
    await connection.execute(f"{projection.EXTENSIONS}; create schema projection")
    await connection.execute(projection.TABLES)
    await _fill(connection)
    await connection.execute(projection.INDEXES)
    for table in ("cases", "case_words", "contents"):
        await connection.execute(f"vacuum analyze {table}")
    await _show(connection, "with its indexes")
    for index in OURS:
        await connection.execute(f"drop index if exists {index}")
    await _show(connection, "without them")
    await connection.close()


async def _fill(connection: asyncpg.Connection) -> None:
    chance = Random(137)  # noqa: S311 - a distribution, not a secret
    columns = (*COLUMNS, "parent", "lat", "lon")
    await connection.copy_records_to_table(
        "cases", records=(_somewhere(row, chance) for row in cases(CASES)), columns=columns
    )
    await connection.copy_records_to_table("cases", records=_storm(chance), columns=columns)
    await connection.execute(
        """
        insert into case_words (case_id, log_partition, words, address, recorded_at)
        select case_id, log_partition, 'words',
            case when case_id like 'street-%' or submitted_offset % 100 = 0 then $1
                else 'address ' || submitted_offset end,
            recorded_at
        from cases
        """,
        " ".join(address_words(STREET)),
    )
    await connection.execute(
        """
        insert into contents (case_id, log_offset, content)
        select case_id, submitted_offset, jsonb_build_object('text', 'words', 'place',
            jsonb_build_object('lat', lat, 'lon', lon, 'address', 'address'))
        from cases
        """
    )


def _somewhere(row: tuple[Any, ...], chance: Random) -> tuple[Any, ...]:
    """Four in ten have no place on the map: they came by phone."""
    if chance.random() < 0.4:
        return (*row, None, None, None)
    lat, lon = SOUTH + WIDE * chance.random(), WEST + WIDE * chance.random()
    return (*row, None, round(lat, 3), round(lon, 3))


def _storm(chance: Random) -> list[tuple[Any, ...]]:
    """All open, half of them of one subject; a thousand at one crossing, and in one street."""
    found: list[tuple[Any, ...]] = []
    names = ["crossing"] * 1_000 + ["street"] * 1_000 + ["city"] * (STORM - 2_000)
    for number, (name, like) in enumerate(zip(names, cases(STORM), strict=True)):
        row = dict(zip(COLUMNS, like, strict=True))
        at = NOW - timedelta(seconds=86_400 * chance.random())
        row |= {"case_id": f"{name}-{number}", "submitted_at": at, "recorded_at": at}
        row |= {"municipality": CITY, "state": "routed", "historical": False}
        row |= {"submitted_offset": CASES + number, "closed_at": None}
        if name != "city" or number % 2:
            row["category"] = SUBJECT
        if name != "city" and number % 1_000:
            row["state"] = "linked"
        first = (
            None if name == "city" or number % 1_000 == 0 else f"{name}-{number // 1_000 * 1_000}"
        )
        if name == "crossing":
            found.append((*row.values(), first, round(CROSSING.lat, 3), round(CROSSING.lon, 3)))
        elif name == "street":
            found.append((*row.values(), first, None, None))
        else:
            found.append(_somewhere(tuple(row.values()), chance))
    return found


async def _show(connection: asyncpg.Connection, said: str) -> None:
    chance = Random(7)  # noqa: S311 - a distribution, not a secret
    spots = [
        Spot(lat=SOUTH + WIDE * chance.random(), lon=WEST + WIDE * chance.random())
        for _ in range(ROUNDS)
    ]
    await _timed(connection, f"somewhere, {said}", [_case(spot, "") for spot in spots])
    await _timed(connection, f"at the crossing, {said}", [_case(CROSSING, "")] * 50)
    await _timed(connection, f"in the street, {said}", [_case(None, STREET)] * 50)
    await _timed(connection, f"elsewhere by phone, {said}", [_case(None, "جای دیگر ۱۲")] * 50)


def _case(spot: Spot | None, address: str) -> Compared:
    return Compared(
        case_id=CaseId("new"),
        recorded_at=NOW,
        municipality=CITY,
        category=SUBJECT,
        state="routed",
        spot=spot,
        address=address_words(address),
    )


async def _timed(connection: asyncpg.Connection, what: str, asked: Sequence[Compared]) -> None:
    table = Projection(connection, inbox_generation=1)
    took: list[float] = []
    count = 0
    for one in asked:
        around = Around(
            since=NOW - timedelta(days=3),
            box=box_around(one.spot, 60) if one.spot else None,
            address=one.address or None,
        )
        began = perf_counter()
        count = len(await table.alike(one, around, {}))
        took.append(1_000 * (perf_counter() - began))
    sys.stdout.write(
        f"{what}: p50 {percentile(took, 50):.2f} ms, p99 {percentile(took, 99):.2f} ms,"
        f" longest {max(took):.1f} ms; {count} found last\n"
    )


if __name__ == "__main__":
    main()
