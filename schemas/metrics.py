"""Every metric, declared once, as data; those of the city's own are in `city_metrics`."""

from typing import Literal, get_args

from schemas.city_metrics import CITY
from schemas.deliveries import DeliveryKind
from schemas.linker_metrics import LINKER
from schemas.metric import Metric
from schemas.vocabulary import CHANNELS, CLOCK_KINDS, ROLES, DeadLetterKind

PROCESSORS = ("router-intake", "router-progress", "router-imports", "router-repairs")
JUDGEMENTS = ("effective", "refused", "duplicate", "unreadable", "unfoldable")
DEAD_LETTER_KINDS: tuple[DeadLetterKind, ...] = get_args(DeadLetterKind)
LeaseRole = Literal["projector", "accountant", "sla-timer", "dispatcher", "linker", "janitor"]
LEASE_ROLES: tuple[LeaseRole, ...] = get_args(LeaseRole)

BUILD_INFO = Metric(
    name="peygir_build_info",
    kind="gauge",
    help="Always 1: which version this process is, and what it does.",
    labels=(("version", ()), ("worker", ())),
)
LEASES = Metric(
    name="peygir_leases",
    kind="gauge",
    help=(
        "Partitions that this process alone works on now, by what it does there. The accountant, "
        "the linker and the janitor have one for all."
    ),
    labels=(("role", LEASE_ROLES),),
)
LAG_MESSAGES = Metric(
    name="peygir_consumer_lag_messages",
    kind="gauge",
    help=(
        "Records that a consumer has still to handle, by where they wait: an inbox, the log, or "
        "the outbox. Shown by the accountant at work alone."
    ),
    labels=(("consumer", (*PROCESSORS, "projector", "dispatcher")), ("source", ())),
)
LAG_SECONDS = Metric(
    name="peygir_consumer_lag_seconds",
    kind="gauge",
    help=(
        "How long the oldest of those records has been waiting; 0 where none does. "
        "Shown by the accountant at work alone."
    ),
    labels=(("consumer", (*PROCESSORS, "projector", "dispatcher")), ("source", ())),
)
INTAKE_EVENTS = Metric(
    name="peygir_intake_events_total",
    kind="counter",
    help="Submissions at the edge, by channel and what became of them.",
    labels=(
        ("channel", CHANNELS),
        ("result", ("accepted", "refused", "unavailable", "unauthorised")),
    ),
)
INTAKE_PUBLISH_SECONDS = Metric(
    name="peygir_intake_publish_duration_seconds",
    kind="histogram",
    help="From a submission's arrival to the broker's acknowledgement.",
    labels=(("channel", CHANNELS),),
)
INTAKE_REPORTS = Metric(
    name="peygir_intake_reports_total",
    kind="counter",
    help=(
        "What was said of cases at the edge, by the role of who said it, and whether it was taken: "
        "what it did to the case is counted where it is folded."
    ),
    labels=(("role", ROLES), ("result", ("taken", "refused", "unavailable"))),
)
ROUTER_MESSAGES = Metric(
    name="peygir_router_messages_total",
    kind="counter",
    help="Inbox messages handled by a router, by outcome.",
    labels=(("processor", PROCESSORS), ("result", ("appended", "set_aside", "curtailed"))),
)
ROUTER_SECONDS = Metric(
    name="peygir_router_message_duration_seconds",
    kind="histogram",
    help="Handling of one inbox message, up to the log's acknowledgement.",
    labels=(("processor", PROCESSORS),),
)
DEAD_LETTERS = Metric(
    name="peygir_dead_letters_total",
    kind="counter",
    help="Messages set aside, sealed, with a reason.",
    labels=(("processor", PROCESSORS), ("kind", DEAD_LETTER_KINDS)),
)
ROUTER_REBALANCES = Metric(
    name="peygir_router_rebalances_total",
    kind="counter",
    help="How often a router was given its partitions anew, its start included.",
    labels=(("processor", PROCESSORS),),
)
ROUTING_DECISIONS = Metric(
    name="peygir_routing_decisions_total",
    kind="counter",
    help="Routing decisions by what made them.",
    labels=(("by", ("chosen", "words", "centre")),),
)
PROJECTION_FACTS = Metric(
    name="peygir_projection_facts_total",
    kind="counter",
    help="Facts folded into the projection, by judgement.",
    labels=(("judgement", JUDGEMENTS),),
)
PROJECTION_DELAY_SECONDS = Metric(
    name="peygir_projection_delay_seconds",
    kind="histogram",
    help="From a fact's recording to its being readable.",
)
PROJECTION_BATCH_SECONDS = Metric(
    name="peygir_projection_batch_duration_seconds",
    kind="histogram",
    help="One transaction of the projector.",
)
PROJECTION_LEASES = Metric(
    name="peygir_projection_leased_partitions",
    kind="gauge",
    help="Log partitions that this projector owns.",
    apart="peygir_leases says it of every worker; the older name stays for who reads it.",
)
CASES_UNFOLDABLE = Metric(
    name="peygir_projection_unfoldable_cases_total",
    kind="counter",
    help="Cases whose fold failed: an incident each.",
)
ACCOUNTING_GAPS = Metric(
    name="peygir_accounting_gaps_total",
    kind="counter",
    help="Inbox positions without an outcome that were sent to repair, by what was asked.",
    labels=(("to", ("router", "centre")),),
)
ACCOUNTING_OPEN = Metric(
    name="peygir_accounting_open_gaps",
    kind="gauge",
    help=(
        "Inbox positions that a router has passed and that have no outcome; "
        "0 in every process but the accountant at work."
    ),
)
ACCOUNTING_BEHIND = Metric(
    name="peygir_accounting_unaccounted_positions",
    kind="gauge",
    help=(
        "Inbox positions above the gapless marks, over all inboxes; "
        "0 in every process but the accountant at work."
    ),
)
TIMER_NOTICES = Metric(
    name="peygir_sla_notices_total",
    kind="counter",
    help="Notices appended by the timer.",
    labels=(
        ("clock", (*CLOCK_KINDS, "all")),
        ("notice", ("warned", "breached", "escalated", "pause-ended", "undisputed")),
    ),
)
TIMER_LATENESS_SECONDS = Metric(
    name="peygir_sla_timer_lateness_seconds",
    kind="histogram",
    help=(
        "From the moment a notice was due, or its deadline was set if that was later, to its "
        "being appended."
    ),
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0),
)
TIMER_HELD = Metric(
    name="peygir_sla_timer_held_notices",
    kind="gauge",
    help="Due notices held until the log and the departments' inboxes are read past them.",
)
TIMER_HELD_SECONDS = Metric(
    name="peygir_sla_timer_longest_hold_seconds",
    kind="gauge",
    help="How long some due notice has been held, at most.",
)
TIMER_POLL_SECONDS = Metric(
    name="peygir_sla_timer_poll_duration_seconds",
    kind="histogram",
    help="One look for what is due.",
)
DISPATCHER_DELIVERIES = Metric(
    name="peygir_dispatcher_deliveries_total",
    kind="counter",
    help="Deliveries to departments' topics, by kind; `part`: to the inbox of parts.",
    labels=(("kind", (*get_args(DeliveryKind), "part")),),
)
DISPATCHER_FAILURES = Metric(
    name="peygir_dispatcher_failures_total",
    kind="counter",
    help="Deliveries that one department's topic did not take; they are tried again.",
)
DISPATCHER_PARKED = Metric(
    name="peygir_dispatcher_parked_deliveries",
    kind="gauge",
    help=(
        "Deliveries that a department's topic did not take and that are tried again. "
        "Shown by the accountant at work alone."
    ),
    labels=(("topic", ()),),
)
DISPATCHER_UNKNOWN = Metric(
    name="peygir_dispatcher_unknown_total",
    kind="counter",
    help="Notices not sent since they may have been sent before a restore.",
)
DELIVERY_SECONDS = Metric(
    name="peygir_delivery_delay_seconds",
    kind="histogram",
    help="From a fact's recording to its lying in the department's topic.",
)
JANITOR_DELETED = Metric(
    name="peygir_janitor_deleted_records_total",
    kind="counter",
    help="Raw inbox messages deleted: each had its outcome and its age.",
)
JANITOR_OVERDUE = Metric(
    name="peygir_janitor_overdue_records",
    kind="gauge",
    help="Raw inbox messages past their age that a gap or a slow router keeps from deletion.",
)
JANITOR_TOMBSTONES = Metric(
    name="peygir_janitor_tombstones_total",
    kind="counter",
    help="Tombstones appended for the keys of erased cases.",
)
JANITOR_OWED = Metric(
    name="peygir_janitor_owed_erasures",
    kind="gauge",
    help="Erased cases whose keys still stand in the keyring. Shown by the janitor at work alone.",
)
JANITOR_OWED_SECONDS = Metric(
    name="peygir_janitor_oldest_owed_erasure_seconds",
    kind="gauge",
    help=(
        "How long ago the oldest of those was ordered; 0 where none is owed. "
        "Shown by the janitor at work alone."
    ),
)
DATABASE_CONNECTIONS = Metric(
    name="peygir_database_connections",
    kind="gauge",
    help="Connections to Postgres of this edge: in use, idle, and how many there may be.",
    labels=(("pool", ("cases", "lists")), ("state", ("in-use", "idle", "limit"))),
)
STREAMS_SUBSCRIBERS = Metric(
    name="peygir_streams_subscribers",
    kind="gauge",
    help="Who watches changes through this process now.",
)
STREAMS_EVENTS = Metric(
    name="peygir_streams_events_total",
    kind="counter",
    help="Events sent to watchers, by where they were read: memory has the newest.",
    labels=(("source", ("memory", "database")),),
)
STREAMS_ENDED = Metric(
    name="peygir_streams_ended_total",
    kind="counter",
    help="Streams of changes that ended, by why; those too slow to take them were dropped.",
    labels=(("why", ("left", "complete", "slow", "revoked", "stopping")),),
)
HTTP_SECONDS = Metric(
    name="http_server_request_duration_seconds",
    kind="histogram",
    help="HTTP requests by route template, named as OpenTelemetry names it.",
    labels=(
        ("http_request_method", ()),
        ("http_route", ()),
        ("http_response_status_code", ()),
    ),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0),
)

ALL: tuple[Metric, ...] = (
    *CITY,
    *LINKER,
    *(value for value in globals().values() if isinstance(value, Metric)),
)
