"""What is answered to a report: its judgement, or that it is taken and not judged yet."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Response

from schemas.vocabulary import CaseId, FactId
from services.intake.deeds.headers import Asked
from services.intake.deeds.known import Judged
from services.intake.deeds.words import problem_of_judged

NO_STORE = {"Cache-Control": "no-store"}
TRACK = "/api/v1/track"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A fact by its id, with the case of whoever said it and where they read what became of it.

    A citizen is told no case id: they have a code.
    """

    fact_id: FactId
    href: str
    case_id: CaseId | None = None


def answer(named: Named, judged: Judged | None, asked: Asked) -> Response:
    """200 where it has an effect, 202 where nobody knows yet. Raises a problem where it has none.

    What was judged before is told at once, whether anybody asked to wait or not.
    """
    headers = NO_STORE | applied(asked)
    body: dict[str, Any] = {"fact_id": named.fact_id, "href": named.href}
    if named.case_id is not None:
        body["case_id"] = named.case_id
    if judged is None:
        return _json(body, HTTPStatus.ACCEPTED, headers)
    if judged.verdict == "refused":
        raise problem_of_judged(judged, named.fact_id, headers)
    body |= {"judgement": judged.verdict, "version": judged.version}
    return _json(body, HTTPStatus.OK, headers)


def applied(asked: Asked) -> dict[str, str]:
    """Of who did not ask to wait, nothing is applied."""
    if asked.wait_seconds is None:
        return {}
    return {"Preference-Applied": f"wait={asked.wait_seconds}"}


def _json(body: dict[str, Any], status: HTTPStatus, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
