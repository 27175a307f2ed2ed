"""A whole Peygir as it is shipped: nobody traces it, whatever a caller asks for."""

import asyncio

import httpx
import pytest

from tests.crash.city import City
from tests.embedded.running import wait_for
from tests.whole.planted import submission

pytestmark = pytest.mark.integration

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
DEPARTMENTS = ("department-hashtgerd-",)


def test_no_record_and_no_metric_names_a_trace_though_the_caller_does(city: City) -> None:
    headers = {"Authorization": f"Bearer {city.keys['intake']}", "traceparent": TRACEPARENT}
    answer = httpx.post(f"{city.url}/intake/v1/cases", json=submission("untraced"), headers=headers)
    case = answer.json()["case_id"].encode()

    def told() -> bool:
        return any(one.key == case for one in asyncio.run(city.records(DEPARTMENTS)))

    wait_for(told)
    records = asyncio.run(city.records(("intake-web", "case-facts", *DEPARTMENTS)))
    ours = [one for one in records if one.key == case]
    assert len({one.topic for one in ours}) == 3
    assert not any("traceparent" in dict(one.headers) for one in ours)
    for one in city.run()["processes"].values():
        if one["metrics_port"]:
            url = f"http://127.0.0.1:{one['metrics_port']}/metrics"
            page = httpx.get(url, headers={"Accept": "application/openmetrics-text"})
            assert "trace_id" not in page.text
