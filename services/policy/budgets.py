"""A budget under a key of a policy file."""

from schemas.policy import Budget
from services.policy.document import Section
from services.policy.durations import DurationError, Work, budget


def read_budget(section: Section, key: str, work: Work) -> Budget | None:
    """The budget; none where a problem was found."""
    text = section.text(key)
    if text is None:
        return None
    try:
        return budget(text, work)
    except DurationError as error:
        section.wrong(key, str(error))
        return None


def read_optional(section: Section, key: str, work: Work) -> Budget | None:
    """The budget; none where it is not said, or a problem was found."""
    return None if section.text(key, None) is None else read_budget(section, key, work)
