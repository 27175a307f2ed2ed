"""What is no mistake in a policy, and may yet not be what the city means."""

from collections.abc import Iterator

from schemas.policy import Policy


def notes(policy: Policy) -> Iterator[str]:
    """Each in words."""
    for category in policy.categories:
        if not category.evidence and category.category != policy.centre_category:
            yield f"{category.category} has no words, so only a reporter chooses it"
    yield from _holdings(policy)
    yield from _deputies(policy)


def _holdings(policy: Policy) -> Iterator[str]:
    """Who keeps a promise in time should not be late with holding the case for it."""
    holdings = {one.department: one.holding for one in policy.departments}
    for category in policy.categories:
        holding = holdings[category.department]
        if (
            holding is not None
            and holding.working_time is category.resolution.working_time
            and holding.seconds < category.resolution.seconds
        ):
            yield (
                f"{category.department} may hold a case for less time than {category.category} "
                "is promised in"
            )


def _deputies(policy: Policy) -> Iterator[str]:
    without = [
        one.department
        for one in policy.departments
        if one.deputy is None and any(step.role == "deputy" for step in one.escalation)
    ]
    if without:
        yield f"no deputy is named for {', '.join(without)}: that step is recorded, nobody is told"
