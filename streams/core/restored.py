"""What may have been told before a restore, and is therefore not told again."""

from datetime import datetime

from schemas.facts import Fact
from schemas.notices import Notice


def uncertain(fact: Fact, restored_at: datetime | None) -> bool:
    """Whether a delivery of this fact may be one that was made before, and is no more known of.

    A backup is older than the disaster: what was due between the two was announced perhaps, and a
    department must not be warned twice. An assignment is told again, under its id, since a case
    that nobody knows of would be worse.
    """
    if restored_at is None:
        return False
    return isinstance(fact, Notice) and fact.due_at <= restored_at
