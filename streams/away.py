"""The world is away: Kafka or Postgres cannot be reached, or answers with nothing of use."""


class AwayError(Exception):
    """The process ends before it acknowledges anything; the supervisor starts it again."""
