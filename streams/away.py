"""The world is away: Kafka or Postgres cannot be reached, or answers with nothing of use."""


class AwayError(Exception):
    """The process ends before it acknowledges anything; the supervisor starts it again."""


def in_short(error: BaseException) -> str:
    """Its type, and the system's words. A library's may repeat the row or the record in hand."""
    words = f" {error}" if isinstance(error, OSError) else ""
    return f"{type(error).__name__}{words}"
