"""A backup that is not what it was, or not for these keys, is refused before anything is made."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from schemas.topics import ANSWERED_CALLS, CASE_FACTS, KEYRING, partition_of
from services.backup import manifest
from services.backup.check import Found, check, records
from services.backup.errors import BrokenError
from services.backup.make import following
from services.backup.manifest import DESK_FILE, Part
from services.backup.records import Kept, Lines, line_of
from services.backup.restore import Keys, check_keys
from tests.backup.small import ERASED, HMAC, LIVING, MASTER
from tests.embedded.running import command


def test_a_whole_backup_tells_whom_to_forget(backup: Path) -> None:
    found = check(backup, _silent)

    kept = {record.key for record in _ring(backup, found) if not found.forgotten(record)}
    assert found.erased == {ERASED}
    assert kept == {f"{LIVING}/k1".encode()}
    check_keys(found, Keys(master=MASTER, hmac=HMAC))


def test_every_byte_comes_back_as_it_was(tmp_path: Path) -> None:
    strange = Kept(7, 8, b"\xff\x00", None, (("ce_id", b"\xfe"), ("ce_type", b"x")))
    plain = Kept(9, 10, None, "«سلام»\u2028".encode(), ())
    path = tmp_path / "records.jsonl.gz"
    with Lines(path) as lines:
        for one in (strange, plain):
            lines.add(line_of(one))

    part = Part(
        file=path.name,
        topic=KEYRING,
        partition=0,
        first_offset=7,
        next_offset=10,
        records=2,
        bytes=lines.bytes,
        sha256=lines.sha256,
    )

    assert list(records(tmp_path, part)) == [strange, plain]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (Keys(master=b"x" * 32, hmac=HMAC), "master key"),
        (Keys(master=MASTER, hmac=b"x" * 32), "HMAC key"),
    ],
)
def test_keys_of_another_installation_are_refused(backup: Path, keys: Keys, words: str) -> None:
    with pytest.raises(BrokenError, match=words):
        check_keys(check(backup, _silent), keys)


def test_a_backup_of_before_there_were_calls_is_whole_without_them(backup: Path) -> None:
    path = backup / manifest.NAME
    kept = json.loads(path.read_text())
    kept["parts"] = [one for one in kept["parts"] if one["topic"] != ANSWERED_CALLS]
    path.write_text(json.dumps(kept))

    assert check(backup, _silent).manifest.of(ANSWERED_CALLS) == ()


def test_one_with_some_of_the_calls_is_not(backup: Path) -> None:
    path = backup / manifest.NAME
    kept = json.loads(path.read_text())
    kept["parts"].remove(next(one for one in kept["parts"] if one["topic"] == ANSWERED_CALLS))
    path.write_text(json.dumps(kept))

    with pytest.raises(BrokenError, match="does not name every partition once"):
        check(backup, _silent)


def _cut_off(folder: Path) -> None:
    (folder / manifest.NAME).unlink()


def _flip_a_byte(folder: Path) -> None:
    path = folder / f"{CASE_FACTS}-{partition_of(LIVING)}.jsonl.gz"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def _lose_a_file(folder: Path) -> None:
    (folder / DESK_FILE).unlink()


def _lose_a_partition(folder: Path) -> None:
    _change(folder, lambda found: found["parts"].pop())


def _of_a_later_version(folder: Path) -> None:
    _change(folder, lambda found: found["fact_types"].append("case.foretold.v1"))


def _of_another_format(folder: Path) -> None:
    _change(folder, lambda found: found.update(format=99))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_cut_off, "cut off"),
        (_flip_a_byte, "damaged|sha256|no record"),
        (_lose_a_file, "damaged or missing"),
        (_lose_a_partition, "every partition once"),
        (_of_a_later_version, "does not know"),
        (_of_another_format, "another format"),
    ],
)
def test_what_is_not_as_it_was_written_is_named(
    backup: Path, damage: Callable[[Path], None], words: str
) -> None:
    damage(backup)

    with pytest.raises(BrokenError, match=words):
        check(backup, _silent)


def test_a_log_with_a_hole_cannot_be_backed_up() -> None:
    facts = following(TopicPartition(CASE_FACTS, 0), 0)
    ring = following(TopicPartition(KEYRING, 0), 5)
    there = [Kept(0, 0, b"k", b"v", ()), Kept(2, 0, b"k", b"v", ())]

    ring.check(there)
    ring.check_end(9)
    with pytest.raises(BrokenError, match="from 1 to 2"):
        facts.check(there)
    with pytest.raises(BrokenError, match="from 0 to 3"):
        following(TopicPartition(CASE_FACTS, 0), 3)


def test_the_command_refuses_what_it_cannot_do_in_words(backup: Path, tmp_path: Path) -> None:
    data, fresh = tmp_path / "data", ("--no-erasures",)
    data.mkdir()
    (data / "something").touch()
    kept = tmp_path / "secrets.json"
    kept.write_text(json.dumps({"master_key": "bQ" * 20, "hmac_key": "x"}))

    over = command("restore", str(backup), *fresh, data=data)
    unsaid = command("restore", str(backup), "--secrets", str(kept), data=tmp_path / "new")
    absent = command(
        "restore", str(backup), "--erasures", str(tmp_path / "none"), data=tmp_path / "new"
    )
    bad_keys = command(
        "restore", str(backup), *fresh, "--secrets", str(kept), data=tmp_path / "new"
    )
    whole = command("backup", "--check", str(backup), data=tmp_path / "new")

    assert (over.returncode, "is not empty" in over.stderr) == (4, True)
    assert (unsaid.returncode, "--no-erasures" in unsaid.stderr) == (2, True)
    assert (absent.returncode, "cannot be read" in absent.stderr) == (3, True)
    assert (bad_keys.returncode, "Traceback" in bad_keys.stderr) == (3, False)
    assert (whole.returncode, "is whole" in whole.stdout) == (0, True)
    assert not (tmp_path / "new").exists()


def _ring(folder: Path, found: Found) -> list[Kept]:
    return [one for part in found.manifest.of(KEYRING) for one in records(folder, part)]


def _change(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / manifest.NAME
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found))


def _silent(_: str) -> None:
    """Says nothing."""
