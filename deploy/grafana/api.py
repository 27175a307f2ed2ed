"""What is asked over HTTP: how fast and how rightly it is answered, and who watches live."""

from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana import asking
from deploy.grafana.asking import OURS, grew, latest, only, quantile, rate
from deploy.grafana.frame import assemble
from deploy.grafana.parts import NONE_IS_FINE, PLAIN, Colours, Panel, bars, heat, lines, number
from schemas.metrics import (
    DATABASE_CONNECTIONS,
    HTTP_SECONDS,
    INTAKE_EVENTS,
    INTAKE_PUBLISH_SECONDS,
    INTAKE_REPORTS,
    PROJECTION_DELAY_SECONDS,
    STREAMS_ENDED,
    STREAMS_EVENTS,
    STREAMS_SUBSCRIBERS,
)

UID = "peygir-api"
ROUTES = f'{OURS},http_route!="none"'
# Readers' requests alone: a watcher's stream has no end, and whoever looks whether we live is us.
READING = f'{OURS},http_route=~"/api/v1/.+",http_route!="/api/v1/changes"'
REQUESTS = f"{HTTP_SECONDS.name}_count{{{ROUTES}}}"
FAILED: Colours = ((None, "green"), (0.001, "yellow"), (0.01, "red"))
SLOW: Colours = ((None, "green"), (0.3, "yellow"), (1, "red"))
TAKEN: Colours = ((None, "green"), (0.7, "yellow"), (0.9, "red"))
FRESH: Colours = ((None, "green"), (2, "yellow"), (5, "red"))


def dashboard() -> models.Dashboard:
    rows = {
        "Is it fine now?": _now(),
        "Requests": _requests(),
        "By route": _routes(),
        "Submissions": _submissions(),
        "What is said of cases": _reports(),
        "Live views": _live(),
        "What it stands on": _below(),
    }
    words = "What citizens, departments and programs ask over HTTP, and how they are answered."
    return assemble("Peygir: API and live views", UID, words, rows, since="now-6h")


def _now() -> tuple[Panel, ...]:
    failed = f'{HTTP_SECONDS.name}_count{{{ROUTES},http_response_status_code=~"5.."}}'
    recent = {"all": f"sum({grew(REQUESTS, '15m')})", "failed": f"sum({grew(failed, '15m')})"}
    turned_away = only(INTAKE_EVENTS, result="unavailable")
    return (
        number(
            "Requests that fail",
            "Answered with 500 or above in the last 15 minutes, of all.",
            f"({recent['failed']} or vector(0)) / clamp_min({recent['all']}, 1)",
            unit="percentunit",
            colours=FAILED,
        ),
        number(
            "Reading takes",
            "99 % of the requests below /api/v1 of the last 15 minutes were answered within this, "
            "the streams of changes left out.",
            latest(0.99, HTTP_SECONDS, of=f"{{{READING}}}"),
            unit="s",
            colours=SLOW,
        ),
        number(
            "Turned away in an hour",
            "Submissions answered with 503 since the broker did not acknowledge.",
            f"sum({grew(turned_away)})",
            unit="short",
            colours=NONE_IS_FINE,
        ),
        number(
            "Readable after",
            "99 % of the facts of the last 15 minutes could be read within this.",
            latest(0.99, PROJECTION_DELAY_SECONDS),
            unit="s",
            colours=FRESH,
        ),
        number(
            "Connections in use",
            "Of those to Postgres that the fullest pool may have.",
            _fullest(),
            unit="percentunit",
            colours=TAKEN,
        ),
        number(
            "Watchers",
            "Who watches changes now.",
            f"sum({STREAMS_SUBSCRIBERS.name})",
            unit="short",
            colours=PLAIN,
        ),
    )


def _requests() -> tuple[Panel, ...]:
    return (
        lines(
            "Requests each second",
            "By the status of the answer.",
            {
                "{{http_response_status_code}}": (
                    f"sum by (http_response_status_code) ({rate(REQUESTS)})"
                )
            },
            unit="reqps",
            stacked=True,
        ),
        heat(
            "How long reading takes",
            "How many requests below /api/v1 took that long, the streams of changes left out.",
            asking.buckets(HTTP_SECONDS, of=f"{{{READING}}}"),
            unit="s",
        ),
        lines(
            "Reading, at best and at worst",
            "Requests below /api/v1, the streams of changes left out.",
            asking.quantiles(HTTP_SECONDS, of=f"{{{READING}}}"),
            unit="s",
            limits=SLOW,
        ),
    )


def _routes() -> tuple[Panel, ...]:
    failed = f'{HTTP_SECONDS.name}_count{{{ROUTES},http_response_status_code=~"5.."}}'
    slowest = quantile(0.99, HTTP_SECONDS, by="http_route", of=f"{{{READING}}}")
    route = "{{http_request_method}} {{http_route}}"
    by_route = "sum by (http_request_method, http_route)"
    return (
        lines(
            "Requests each second, by route",
            "By the template of the address, which holds no case and no code.",
            {route: f"{by_route} ({rate(REQUESTS)}) > 0"},
            unit="reqps",
        ),
        lines(
            "Slowest routes",
            "99 % of the requests of each are answered within this.",
            {"{{http_route}}": slowest},
            unit="s",
            limits=SLOW,
        ),
        bars(
            "Failures in an hour, by route",
            "Answers with 500 or above.",
            {route: f"topk(10, {by_route} ({grew(failed)}) > 0)"},
            unit="short",
            colours=((None, "red"),),
        ),
    )


def _submissions() -> tuple[Panel, ...]:
    accepted = only(INTAKE_EVENTS, result="accepted")
    return (
        lines(
            "Submissions each minute",
            "By what became of them: who is refused sent something wrong, who is turned away as "
            "unavailable did not.",
            {"{{result}}": f"60 * sum by (result) ({rate(INTAKE_EVENTS.name)})"},
            unit="short",
            stacked=True,
        ),
        bars(
            "Submissions in a day, by channel",
            "Those that were accepted.",
            {
                "{{channel}}": f"sum by (channel) ({grew(accepted, '1d')})",
            },
            unit="short",
            colours=PLAIN,
        ),
        lines(
            "From arrival to the broker's acknowledgement",
            "99 % of the submissions of each channel.",
            {"{{channel}}": quantile(0.99, INTAKE_PUBLISH_SECONDS, by="channel")},
            unit="s",
        ),
    )


def _reports() -> tuple[Panel, ...]:
    refused = only(INTAKE_REPORTS, result="refused")
    return (
        lines(
            "Said each minute, by what became of it",
            "Whether the edge took it; what it did to its case is on the dashboard of operations.",
            {"{{result}}": f"60 * sum by (result) ({rate(INTAKE_REPORTS.name)})"},
            unit="short",
            stacked=True,
        ),
        bars(
            "Said in a day, by role",
            "All that the edge took or refused, by the role of who said it.",
            {"{{role}}": f"sum by (role) ({grew(INTAKE_REPORTS.name, '1d')}) > 0"},
            unit="short",
            colours=PLAIN,
        ),
        bars(
            "Refused in a day, by role",
            "A role that is refused much has a page or an app that offers what it may not say.",
            {"{{role}}": f"sum by (role) ({grew(refused, '1d')}) > 0"},
            unit="short",
            colours=PLAIN,
        ),
    )


def _live() -> tuple[Panel, ...]:
    return (
        lines(
            "Who watches",
            "Streams of changes that are open, by process.",
            {"{{instance}}": f"sum by (instance) ({STREAMS_SUBSCRIBERS.name})"},
            unit="short",
        ),
        lines(
            "Changes sent each second",
            "To all watchers, by where they were read: memory has the newest.",
            {"{{source}}": f"sum by (source) ({rate(STREAMS_EVENTS.name)})"},
            unit="reqps",
        ),
        lines(
            "Streams that ended",
            "Each hour, by why; who is too slow is dropped and resumes without a gap.",
            {"{{why}}": f"sum by (why) ({grew(STREAMS_ENDED.name)})"},
            unit="short",
            stacked=True,
        ),
    )


def _below() -> tuple[Panel, ...]:
    return (
        lines(
            "Connections to Postgres",
            "Of all edges: those in use, those idle, and how many there may be.",
            {
                "{{pool}}, {{state}}": f"sum by (pool, state) ({DATABASE_CONNECTIONS.name})",
            },
            unit="short",
        ),
        lines(
            "How full the pools are",
            "Of each process, what is in use of what there may be. Full, readers wait.",
            {"{{instance}}, {{pool}}": _fullness()},
            unit="percentunit",
            limits=TAKEN,
        ),
        lines(
            "How old is what is read",
            "From a fact's recording to its being readable.",
            asking.quantiles(PROJECTION_DELAY_SECONDS),
            unit="s",
            limits=((None, "green"), (5, "red")),
        ),
    )


def _fullness() -> str:
    in_use, limit = (
        f"sum by (instance, pool) ({only(DATABASE_CONNECTIONS, state=state)})"
        for state in ("in-use", "limit")
    )
    return f"{in_use} / {limit}"


def _fullest() -> str:
    return f"max({_fullness()})"
