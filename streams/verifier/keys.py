"""The keys of a slice of the cases, as the keyring's records leave them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas import codec, records, sealing
from schemas.contents import Content, Evidence
from schemas.messages import Key
from schemas.records import KeyName
from schemas.sealed import Sealed
from schemas.sealed_parts import SealedPart
from schemas.vocabulary import CaseId


@dataclass(slots=True)
class Ring:
    """Keys by their names, and the cases that one was deleted of.

    `moved`: keys that have records behind the snapshot. What is before those may be compacted
    away by now, so nothing is said of them.
    """

    master: bytes
    kept: dict[KeyName, Key] = field(default_factory=dict[KeyName, Key])
    deleted: set[CaseId] = field(default_factory=set[CaseId])
    moved: set[KeyName] = field(default_factory=set[KeyName])

    def learn(self, name: KeyName, key: Key | None) -> None:
        if key is None:
            self.kept.pop(name, None)
            self.deleted.add(name[0])
        else:
            self.kept[name] = key

    def move(self, behind: Iterable[Any], partition: int) -> None:
        """Records behind the snapshot; one that cannot be read moves nothing."""
        for record in behind:
            try:
                name, _ = records.read_key(record.key, record.value, partition)
            except codec.UndecodableError:
                continue
            self.moved.add(name)

    def unsure(self, case_id: CaseId, block: Sealed) -> bool:
        return (case_id, block.kid) in self.moved

    def opened(self, case_id: CaseId, part: SealedPart) -> tuple[str, Content | Evidence] | None:
        """What was sealed, as JSON and as a value; nothing where its key is not there."""
        key = self.kept.get((case_id, part.block.kid))
        if key is None:
            return None
        try:
            plain = sealing.unseal(
                part.block,
                key=sealing.unwrap(key.wrapped, self.master),
                bound_to=part.bound_to,
            )
            stored = records.storable(plain)
            return stored.decode(), codec.decode(stored, part.kind)
        except (sealing.UnsealError, codec.UndecodableError):
            return None
