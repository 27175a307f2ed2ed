"""The case that another is to follow, named by its id or its tracking code."""

from services.intake.deeds.known import Cases, KnownCase, root_of
from services.intake.deeds.words import no_such_parent, several_parents
from streams.core.ids import read_tracking_code


async def parent_of(cases: Cases, case: KnownCase, named: str) -> KnownCase:
    """The one at the root, so that nobody follows a follower.

    Raises a 409 problem where it is not known in this municipality, or the code is of several.
    """
    root = await _named(cases, case, named)
    if root is not None:
        root = await root_of(cases, root)
    if root is None or root.municipality != case.municipality:
        raise no_such_parent()
    return root


async def _named(cases: Cases, case: KnownCase, named: str) -> KnownCase | None:
    if read_tracking_code(named) is None:
        return await cases.known(named.strip())
    found = await cases.with_code(named, municipality=case.municipality, phone_last_digits=None)
    if len(found) > 1:
        raise several_parents()
    return found[0] if found else None
