"""The metrics of new cases that are compared with those before them."""

from schemas.metric import Metric

LINKER_CASES = Metric(
    name="peygir_linker_cases_total",
    kind="counter",
    help=(
        "New cases that were compared with those before them: linked to an earlier one, alone, or "
        "left, since they were closed, linked or taken apart before."
    ),
    labels=(("municipality", ()), ("found", ("linked", "alone", "left"))),
)
LINKER_LATENESS_SECONDS = Metric(
    name="peygir_linker_lateness_seconds",
    kind="histogram",
    help="From the moment a new case had settled to its having been compared.",
    buckets=(0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0),
)
LINKER_WAITING_SECONDS = Metric(
    name="peygir_linker_longest_wait_seconds",
    kind="gauge",
    help=(
        "How long a case that has settled has been waiting to be compared, at most. Shown by the "
        "linker at work alone."
    ),
)
LINKER_FOLLOWERS = Metric(
    name="peygir_linker_followers",
    kind="gauge",
    help=(
        "How many cases follow one, at most, of those that were followed by a further one last. "
        "Shown by the linker at work alone."
    ),
)

LINKER: tuple[Metric, ...] = (
    LINKER_CASES,
    LINKER_LATENESS_SECONDS,
    LINKER_WAITING_SECONDS,
    LINKER_FOLLOWERS,
)
