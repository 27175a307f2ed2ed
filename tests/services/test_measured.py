"""How requests are measured: by the whole template of their route, from a series that is there."""

from fastapi import APIRouter

from schemas.exposition import Meters
from schemas.metrics import HTTP_SECONDS
from services.http.application import application
from services.http.asgi import PROBES, Edge
from tests.edges import Caller, meters


def counted(shown: Meters) -> dict[tuple[str, str, str], float]:
    """How many requests there were, by method, route and status."""
    return {
        (
            sample.labels["http_request_method"],
            sample.labels["http_route"],
            sample.labels["http_response_status_code"],
        ): sample.value
        for family in shown.registry.collect()
        for sample in family.samples
        if sample.name == f"{HTTP_SECONDS.name}_count"
    }


def routers() -> APIRouter:
    """A router within another: both have a prefix."""
    outer, inner = APIRouter(prefix="/api"), APIRouter(prefix="/deep")

    @inner.get("/cases/{case_id}")
    async def one_case(case_id: str) -> str:
        return case_id

    @outer.post("/cases", status_code=202)
    async def submit() -> None:
        return None

    outer.include_router(inner)
    return outer


def probes() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    for path in sorted(PROBES):
        router.add_api_route(path, lambda: "ok")
    return router


def test_a_route_is_measured_by_its_whole_template_and_what_is_no_work_is_not() -> None:
    shown = meters()
    caller = Caller(Edge(application([routers(), probes()], title="test"), shown))

    caller.get("/api/deep/cases/1")
    caller.get("/api/deep/cases/2")
    caller.get("/api/deep/nothing/3")
    caller.request("DELETE", "/api/deep/cases/3")
    caller.request("BREW", "/api/cases")
    assert [caller.get(path).status_code for path in sorted(PROBES)] == [200, 200]

    assert {series: count for series, count in counted(shown).items() if count} == {
        ("GET", "/api/deep/cases/{case_id}", "200"): 2,
        ("_OTHER", "none", "404"): 1,
        ("_OTHER", "none", "405"): 2,
    }


def test_each_route_begins_with_its_answer_and_its_failures() -> None:
    shown = meters()

    Edge(application([routers(), probes()], title="test"), shown)

    assert counted(shown) == {
        series: 0
        for route in (
            ("GET", "/api/v1/openapi.json", "200"),
            ("GET", "/api/deep/cases/{case_id}", "200"),
            ("POST", "/api/cases", "202"),
        )
        for series in (route, (*route[:2], "500"), (*route[:2], "503"))
    }
