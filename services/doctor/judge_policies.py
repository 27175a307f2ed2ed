"""Whether the policies on disk are valid, and published as they stand there."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from schemas.policy import Policy
from services.doctor.check import Check, ok, some, unless, warning, wrong
from services.doctor.seen import OnDisk
from services.policy.close import close, same_content
from services.policy.draft import Draft
from services.policy.publish import in_force, of_municipality

PUBLISH = "`peygir policy publish FOLDER`"


def judge_files(folders: Iterable[OnDisk]) -> Iterator[Check]:
    several = list(folders)
    bad = [one for one in several if one.wrong]
    yield from (
        wrong("policy files", f"{one.folder}: {one.wrong}", "`peygir policy check FOLDER`")
        for one in bad
    )
    if not several:
        yield warning("policy files", "none on this machine", "set PEYGIR_POLICIES")
    elif not bad:
        names = some(one.folder for one in several)
        yield ok("policy files", f"valid: {names}")


def judge_published(
    folders: Iterable[OnDisk], published: tuple[Policy, ...], now: datetime
) -> Iterator[Check]:
    if not published:
        says = "no policy is published: every submission is refused"
        yield wrong("policies", says, PUBLISH)
        return
    drafts = [one.draft for one in folders if one.draft is not None]
    found = [check for draft in drafts for check in _of_one(draft, published, now)]
    municipalities = {one.municipality for one in published}
    fine = f"in force as on disk: {some(municipalities)}"
    yield from unless(found, ok("policies", fine if drafts else f"{len(published)} versions"))


def _of_one(draft: Draft, published: tuple[Policy, ...], now: datetime) -> Iterator[Check]:
    name = draft.municipality
    known = in_force(of_municipality(published, name), now)
    if known is None:
        yield warning("policies", f"{name} is on disk and not in force", PUBLISH)
    elif not same_content(known, close(draft, known.since)):
        says = f"{name} in force since {known.since:%Y-%m-%d %H:%M} differs from the files"
        yield warning("policies", says, PUBLISH)
