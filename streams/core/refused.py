"""How a message that cannot become a fact is refused: the field as a JSON pointer, and words."""

from collections.abc import Collection

NAMED_MAX = 40  # A reason is read by a person, who knows where the whole list stands.


class RefusedError(ValueError):
    """The message cannot become a fact; the text says why, never what the message said."""


def require_text(pointer: str, value: str | None, characters_max: int) -> None:
    """Refuses a long text, and what no database keeps; it may be absent."""
    if value is None:
        return
    if len(value) > characters_max:
        raise RefusedError(f"{pointer}: is longer than {characters_max} characters")
    if "\x00" in value:
        raise RefusedError(f"{pointer}: holds a NUL character")


def require_name(pointer: str, value: str | None, characters_max: int) -> str:
    """The text; one that is absent or empty is refused too."""
    if value is None:
        raise RefusedError(f"{pointer}: is missing")
    if not value.strip():
        raise RefusedError(f"{pointer}: is empty")
    require_text(pointer, value, characters_max)
    return value


def listed(known: Collection[str]) -> str:
    """What is allowed, for whoever named something else."""
    first = sorted(known)[:NAMED_MAX]
    more = f" and {len(known) - len(first)} more" if len(known) > len(first) else ""
    return (", ".join(first) or "none yet") + more
