"""`peygir case fact`: say something of a case at the 137 centre's desk, as any role."""

from typing import Any

from schemas.messages import ProgressReport
from schemas.topics import PROGRESS_DESK
from schemas.vocabulary import DEEDS, ROLES, Deed, Department, Role
from services.backup.erasing import AUTHOR
from services.command import deed_options, judged, reach
from services.command.deed_options import DEED_NAMED, Given, argument, text_option
from services.command.exit_codes import ExitCode
from services.command.saying import Desk, Found, Voice
from streams.core.permissions import OF_THE_OWNER

AT_THE_DESK = Voice(inbox=PROGRESS_DESK, author=AUTHOR, command="peygir case fact")
ROLE_NAMED: dict[str, Role] = {one: one for one in ROLES}
# Who does not say whose work it is speaks for the department that has the case.
OF_ONE_DEPARTMENT = ("member", "head")


def say(given: Given) -> None:
    deed = DEED_NAMED.get(given["deed"])
    if deed is None:
        words = f"there is no deed {given['deed']!r}: {', '.join(DEEDS)}"
        reach.end(words, ExitCode.USAGE)
    role = _role(given.get("role"))
    deed_options.check(deed, given)
    if role == "deputy" and "department" not in given:
        reach.end("a deputy needs --department: of which office?", ExitCode.USAGE)
    desk = judged.desk()
    case = judged.one(desk, given["case"])
    report = ProgressReport(
        case_id=case.case_id,
        did=deed,
        department=_department(given.get("department"), deed, role, case),
        municipality=case.municipality,
        author=AUTHOR,
        role=role,
        **what(desk, case, given),
    )
    judged.say(desk, report, AT_THE_DESK, case.municipality)


def what(desk: Desk, case: Found, given: Given) -> dict[str, Any]:
    """What goes with the deed; a case that is followed is the one that follows none itself."""
    found = {"reference": judged.new_reference(), **deed_options.fields(given)}
    if "parent" in found:
        parent = judged.followed(desk, found["parent"], case)
        found |= {"parent": parent.case_id, "parent_recorded_at": parent.recorded_at}
    return found


fact = deed_options.command(
    say,
    "Say a fact of a case, and wait until it is judged: effective, or refused and why.",
    (
        argument("case", "case id or tracking code"),
        argument("deed", ", ".join(DEEDS)),
        *deed_options.parameters(DEEDS),
        text_option("role", f"as what it is said: {', '.join(ROLES)}"),
        text_option("department", "whom it is said for"),
    ),
)


def _role(given: str | None) -> Role | None:
    if given is not None and given not in ROLE_NAMED:
        reach.end(f"there is no role {given!r}: {', '.join(ROLES)}", ExitCode.USAGE)
    return ROLE_NAMED.get(given or "")


def _department(given: str | None, deed: Deed, role: Role | None, case: Found) -> Department | None:
    if given is not None:
        return Department(given.lower())
    speaks_for_it = role in OF_ONE_DEPARTMENT or deed in OF_THE_OWNER
    return case.department if speaks_for_it else None
