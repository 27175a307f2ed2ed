"""Every cell of role, deed and whose case: the edge lets through what the fold lets have effect.

What the edge lets through becomes effective in its state; what it does not let through has none
where it is smuggled past the edge.
"""

import asyncio
from dataclasses import dataclass

import pytest
from starlette.types import ASGIApp

from schemas.codec import decode
from schemas.messages import ProgressReport
from schemas.vocabulary import DEEDS, ROLES
from tests.access.cells import CELLS, GOES_WITH, SPEAKS_FOR, Cell
from tests.access.edge import SCOPES, Inbox, fill, opened_edge, status_of
from tests.access.folding import folded, smuggled
from tests.fact_city import code_number

pytestmark = pytest.mark.integration

OF_THE_OWNER = {"acknowledged", "resolved", "closed-without-action"}
NO_SUCH_CODE = code_number(999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the edge answered to a cell, and what it appended."""

    status: int
    report: ProgressReport | None


@pytest.fixture(scope="module")
def asked(database: str) -> dict[Cell, Asked]:
    """Every cell, asked of the whole edge."""
    fill(database)
    inboxes = Inbox()

    async def run() -> dict[Cell, Asked]:
        async with opened_edge(database, inboxes) as app:
            return {cell: await ask(app, inboxes, cell) for cell in CELLS}

    return asyncio.run(run())


async def ask(app: ASGIApp, inboxes: Inbox, cell: Cell) -> Asked:
    inboxes.records.clear()
    body = {"did": cell.deed, **GOES_WITH.get(cell.deed, {})}
    path = f"/intake/v1/cases/{cell.place.case_id}/facts"
    if cell.role == "citizen":
        path = "/intake/v1/tracked/facts"
        known = cell.relation != "another's"
        body["tracking_code"] = code_number(cell.place.number) if known else NO_SUCH_CODE
    caller = None if cell.role == "citizen" else cell.role
    headers = {"idempotency-key": str(cell)}
    status = await status_of(app, "POST", path, caller=caller, body=body, headers=headers)
    taken = [decode(one.value, ProgressReport) for one in inboxes.records]
    assert len(taken) == (status == 202)
    return Asked(status=status, report=taken[0] if taken else None)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_cell(cell: Cell, asked: dict[Cell, Asked]) -> None:
    answer = asked[cell]

    assert {202: "taken"}.get(answer.status, str(answer.status)) == cell.expected
    if answer.report is not None:
        assert speaks_as_the_edge_knows(cell, answer.report)
        assert folded(cell, answer.report).word == "effective"
    elif not (cell.role == "citizen" and cell.relation == "another's"):
        # Whose the code is, only the edge can know; all else the fold knows too.
        assert folded(cell, smuggled(cell)).word == "who"


def speaks_as_the_edge_knows(cell: Cell, report: ProgressReport) -> bool:
    """Under its own name and role, for its own department, or for the owner whose work it notes."""
    name = "citizen" if cell.role == "citizen" else SCOPES[cell.role][0]
    owner = cell.place.department if cell.deed in OF_THE_OWNER else None
    return (report.author, report.role, report.municipality, report.department) == (
        name,
        cell.role,
        cell.place.municipality,
        SPEAKS_FOR[cell.role] or owner,
    )


def test_no_role_no_deed_and_no_case_is_left_out() -> None:
    assert {one.role for one in CELLS} == set(ROLES)
    assert {one.deed for one in CELLS} == set(DEEDS)
    assert len(CELLS) == len(set(CELLS)) == len(DEEDS) * (7 * 4 + 2 * 3)
