"""A process that starts, one that dies between two scrapes, a municipality added while all run."""

from itertools import accumulate, pairwise

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.metrics import PROJECTION_DELAY_SECONDS, PROJECTION_FACTS
from tests.watching.boards import panels
from tests.watching.day import ANOTHER, Day
from tests.watching.prometheus import Prometheus
from tests.watching.scraping import Scraped
from tests.watching.seen import Seen

pytestmark = pytest.mark.integration

Page = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(page: str) -> Page:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(page)
        for one in family.samples
    }


def test_whoever_asks_while_a_process_starts_is_answered_whole_or_not_at_all(
    restarted: Scraped,
) -> None:
    pages = [samples(page) for page in restarted.pages]

    assert len(pages) > 1
    assert all((f"{PROJECTION_DELAY_SECONDS.name}_count", ()) in page for page in pages)
    for judgement in dict(PROJECTION_FACTS.labels)["judgement"]:
        assert (PROJECTION_FACTS.name, (("judgement", judgement),)) in pages[0]


def test_no_counter_goes_back_while_a_process_starts(restarted: Scraped) -> None:
    pages = [samples(page) for page in restarted.pages]

    for before, after in pairwise(pages):
        counted = {one: value for one, value in before.items() if one[0].endswith("_total")}
        assert {one: after.get(one, 0) < value for one, value in counted.items()} == dict.fromkeys(
            counted, False
        )


def test_a_process_that_dies_between_two_scrapes_takes_no_counter_of_a_panel_back(
    restarted: Scraped, trouble: Seen, prometheus: Prometheus
) -> None:
    assert trouble.up["projector"]
    around = restarted.began - 5, restarted.ended + 5
    raw = prometheus.over(f"sum({PROJECTION_FACTS.name})", *around)
    assert any(after < before for one in raw for before, after in pairwise(one))  # It was killed.

    counting = [one for one in panels().values() if one.title == "What became of promises"]
    assert counting
    for panel in counting:
        for _, expression in panel.queries:
            for values in prometheus.over(expression, *around):
                # What lies between two looks is reckoned, so it may tremble a little.
                most = accumulate(values, max)
                assert all(now >= 0.9 * before for now, before in zip(values, most, strict=True))


def test_the_series_of_a_municipality_that_joins_begin_before_it_has_a_case(
    joined: Day, prometheus: Prometheus, trouble: Seen
) -> None:
    (case,) = (one for one in trouble.answers.cases if one["municipality"] == ANOTHER)
    assert case["case_id"] == joined.cases["new-1"]

    of_it = f'municipality="{ANOTHER}"'
    open_now = prometheus.ask(f"sum by (department) (peygir_open_cases{{{of_it}}})")
    assert {one.labels["department"]: one.value for one in open_now} == {"parks": 1, "centre": 0}
    made = f'peygir_sla_promises_total{{{of_it},outcome="made"}}'
    assert prometheus.number(f"round(sum(increase({made}[10m])))") == len(case["clocks"])
