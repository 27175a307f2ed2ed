"""`/api/v1/cases/{case_id}/sla`: every interval of a case's clocks that counted, or did not."""

from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response

from schemas.vocabulary import CaseId
from services.api import sla_description as description
from services.api.desk import ReadDesk
from services.api.reads import ReadFact
from services.api.seen import CASE_CACHING, CASE_ID, seen_by
from services.api.sla import RETRY_AFTER_SECONDS, history, shown, told
from services.api.sla_words import Language, words_of
from services.api.terms import PublishedTerms
from services.http.access import reader
from services.http.problems import ProblemError, refuse_unknown, unavailable

JSON = "application/json"
FACTS_MAX = 5_000


def sla_routes(desk: ReadDesk, terms: PublishedTerms) -> APIRouter:
    routes = APIRouter(tags=["cases"])

    @routes.get("/cases/{case_id}/sla", openapi_extra=description.SLA)
    async def clocks_of_case(
        case_id: str, request: Request, lang: Language | None = None
    ) -> Response:
        """Why each clock of the case shows what it shows, down to the second."""
        client = await reader(request, desk.callers)
        refuse_unknown(request, "lang")
        found, facts = None, list[ReadFact]()
        if CASE_ID.fullmatch(case_id):
            found, facts = await desk.reads.facts(case_id, after=-1, limit=FACTS_MAX + 1)
        case = seen_by(client, found)
        if len(facts) > FACTS_MAX:
            words = f"The case has more than {FACTS_MAX} facts."
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "too-broad", words)
        if not desk.policies.ready:
            words = "The policies are not read yet."
            raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS)
        now = desk.now()
        known, unfoldable = history(facts)
        named = terms.named_by(case.municipality, (one.fact for one in known))
        story, clocks, until = told(CaseId(case_id), known, named, now)
        speaks = words_of(lang, desk.policies.versions(case.municipality), now)
        body = {"municipality": case.municipality, "unfoldable": unfoldable}
        body |= shown(story, clocks, until, speaks)
        return Response(orjson.dumps(body), headers=CASE_CACHING, media_type=JSON)

    return routes
