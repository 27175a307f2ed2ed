"""The row of the citizens' verdicts: what departments say of their work, and what citizens do."""

from deploy.grafana.asking import BY_DEPARTMENT, DEPARTMENT, chosen, grew
from deploy.grafana.parts import PLAIN, Colours, Panel, bars, lines
from schemas.city_metrics import CASE_EVENTS, CASE_RATINGS

CLOSINGS, VERDICTS = "resolved|closed", "confirmed|disputed|undisputed"
DISPUTED: Colours = ((None, "green"), (0.1, "yellow"), (0.25, "red"))


def verdicts() -> tuple[Panel, ...]:
    """What was fixed, what was not, what was confirmed and what nobody spoke of: each apart."""
    return (
        lines(
            "Fixed, and closed without action",
            "Cases in the 24 hours before: resolved, as the department says; closed though "
            "nothing was fixed.",
            _in_a_day(CLOSINGS),
            unit="short",
        ),
        lines(
            "What citizens say of it",
            "Cases in the 24 hours before: confirmed; disputed, and open again; undisputed where "
            "nothing was said for as long as the policy waits, which confirms nothing.",
            _in_a_day(VERDICTS),
            unit="short",
        ),
        bars(
            "Disputed in a day, by department",
            "Of what citizens said in the last 24 hours, how much was that it is not done; where "
            "nobody said anything, there is no bar.",
            {DEPARTMENT: _share_disputed()},
            unit="percentunit",
            colours=DISPUTED,
        ),
        bars(
            "Stars in a day",
            "How citizens who rated were treated in the last 24 hours, from 1 star to 5; whatever "
            "the urgency.",
            {"{{stars}}": f"sum by (stars) ({grew(chosen(CASE_RATINGS), '1d')})"},
            unit="short",
            colours=PLAIN,
        ),
    )


def _in_a_day(events: str) -> dict[str, str]:
    return {"{{event}}": f"sum by (event) ({grew(chosen(CASE_EVENTS, event=events), '1d')})"}


def _share_disputed() -> str:
    """Silence is no word of theirs."""
    disputed, said = (
        f"sum {BY_DEPARTMENT} ({grew(chosen(CASE_EVENTS, event=events), '1d')})"
        for events in ("disputed", "confirmed|disputed")
    )
    return f"{disputed} / ({said} > 0)"
