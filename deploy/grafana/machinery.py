"""Rows of the pipeline's dashboard for what works behind the line: timer, deliveries, processes."""

from deploy.grafana import asking
from deploy.grafana.asking import OURS, grew, rate
from deploy.grafana.frame import Rows
from deploy.grafana.parts import (
    NONE_IS_FINE,
    PLAIN,
    SOME_IS_NOTED,
    Panel,
    bars,
    heat,
    lines,
    number,
)
from schemas.city_metrics import SLA_LOOK_SECONDS
from schemas.linker_metrics import (
    LINKER_CASES,
    LINKER_FOLLOWERS,
    LINKER_LATENESS_SECONDS,
    LINKER_WAITING_SECONDS,
)
from schemas.metrics import (
    BUILD_INFO,
    DELIVERY_SECONDS,
    DISPATCHER_DELIVERIES,
    DISPATCHER_FAILURES,
    DISPATCHER_PARKED,
    DISPATCHER_UNKNOWN,
    JANITOR_DELETED,
    JANITOR_OVERDUE,
    JANITOR_OWED,
    JANITOR_OWED_SECONDS,
    JANITOR_TOMBSTONES,
    LEASES,
    TIMER_HELD,
    TIMER_HELD_SECONDS,
    TIMER_LATENESS_SECONDS,
    TIMER_NOTICES,
    TIMER_POLL_SECONDS,
)


def rows() -> Rows:
    return {
        "The timer": _timer(),
        "Looking and holding": _looks(),
        "Deliveries to departments": _deliveries(),
        "Reported again": _again(),
        "What is to be forgotten": _forgotten(),
        "The processes": _processes(),
        "What they use": _used(),
    }


def _timer() -> tuple[Panel, ...]:
    return (
        heat(
            "How late notices come",
            "How many notices came that late, from the moment each was due to its being appended.",
            asking.buckets(TIMER_LATENESS_SECONDS),
            unit="s",
        ),
        lines(
            "Lateness of notices",
            "From the moment a notice was due to its being appended.",
            asking.quantiles(TIMER_LATENESS_SECONDS),
            unit="s",
            limits=((None, "green"), (30, "red")),
        ),
        lines(
            "Notices each hour",
            "Appended by the timer, by kind.",
            {"{{notice}}": f"sum by (notice) ({grew(TIMER_NOTICES.name)})"},
            unit="short",
            stacked=True,
        ),
    )


def _looks() -> tuple[Panel, ...]:
    return (
        lines(
            "Notices held",
            "Due, and held until the log and the departments' inboxes are read past them.",
            {"held": f"sum({TIMER_HELD.name})"},
            unit="short",
        ),
        lines(
            "How long notices are held",
            "The longest hold of each timer.",
            {"{{instance}}": f"max by (instance) ({TIMER_HELD_SECONDS.name})"},
            unit="s",
        ),
        lines(
            "How long a look of the timer takes",
            "One look for what is due.",
            asking.quantiles(TIMER_POLL_SECONDS),
            unit="s",
        ),
        lines(
            "What counting costs",
            "One count of the open promises by the accountant; it takes a twentieth of a core at "
            "most.",
            asking.quantiles(SLA_LOOK_SECONDS),
            unit="s",
        ),
    )


def _deliveries() -> tuple[Panel, ...]:
    return (
        lines(
            "Deliveries each hour",
            "Laid into the departments' topics, by kind.",
            {"{{kind}}": f"sum by (kind) ({grew(DISPATCHER_DELIVERIES.name)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "From a fact to its department",
            "From its recording to its lying in the department's topic.",
            asking.quantiles(DELIVERY_SECONDS),
            unit="s",
        ),
        lines(
            "Tried in vain",
            "Each hour: deliveries that a topic did not take, which are tried again; and notices "
            "that were not sent since they may have been sent before a restore.",
            {
                "not taken": f"sum({grew(DISPATCHER_FAILURES.name)})",
                "not sent after a restore": f"sum({grew(DISPATCHER_UNKNOWN.name)})",
            },
            unit="short",
        ),
        bars(
            "Refused now, by topic",
            "Deliveries that wait for a department's topic to take them.",
            {"{{topic}}": f"topk(10, sum by (topic) ({DISPATCHER_PARKED.name}) > 0)"},
            unit="short",
            colours=SOME_IS_NOTED,
        ),
    )


def _again() -> tuple[Panel, ...]:
    linked = asking.only(LINKER_CASES, found="linked")
    return (
        lines(
            "Linked each hour",
            "New cases that follow an earlier one of the same, by municipality.",
            {"{{municipality}}": f"sum by (municipality) ({grew(linked)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "What was found of new cases",
            "Each hour: linked to an earlier one, alone, or left as a person had it.",
            {"{{found}}": f"sum by (found) ({grew(LINKER_CASES.name)})"},
            unit="short",
            stacked=True,
        ),
        lines(
            "How late they are compared",
            "From the moment a new case had settled.",
            {
                **asking.quantiles(LINKER_LATENESS_SECONDS),
                "waits now": f"max({LINKER_WAITING_SECONDS.name})",
            },
            unit="s",
        ),
        lines(
            "The most that follow one",
            "Of the cases that were followed by a further one last.",
            {"cases": f"max({LINKER_FOLLOWERS.name})"},
            unit="short",
        ),
    )


def _forgotten() -> tuple[Panel, ...]:
    return (
        number(
            "Raw messages too old",
            "Past their age; a gap or a slow router keeps them from deletion.",
            f"sum({JANITOR_OVERDUE.name})",
            unit="short",
            colours=SOME_IS_NOTED,
        ),
        number(
            "Raw messages deleted",
            "In a day; each had its outcome and its age.",
            f"sum({grew(JANITOR_DELETED.name, '1d')})",
            unit="short",
            colours=PLAIN,
        ),
        number(
            "Erasures owed",
            "Erased cases whose keys still stand in the keyring.",
            f"sum({JANITOR_OWED.name})",
            unit="short",
            colours=SOME_IS_NOTED,
        ),
        number(
            "Oldest erasure owed",
            "How long ago it was ordered.",
            f"max({JANITOR_OWED_SECONDS.name})",
            unit="s",
            colours=((None, "green"), (600, "yellow"), (3_600, "red")),
        ),
        number(
            "Tombstones in a day",
            "Keys of erased cases that can never be read again.",
            f"sum({grew(JANITOR_TOMBSTONES.name, '1d')})",
            unit="short",
            colours=PLAIN,
        ),
        number(
            "Not sent after a restore",
            "Notices that may have been sent before it: `peygir unknown-notices`.",
            f"sum({DISPATCHER_UNKNOWN.name})",
            unit="short",
            colours=SOME_IS_NOTED,
        ),
    )


def _processes() -> tuple[Panel, ...]:
    ours = f"{{{OURS}}}"
    return (
        bars(
            "Down now",
            "Processes that did not answer when they were last asked.",
            {"{{instance}}": f"count by (instance) (up{ours} == 0)"},
            unit="short",
            colours=NONE_IS_FINE,
        ),
        lines(
            "Who works on how much",
            "Partitions that processes of each kind alone work on; the accountant, the linker and "
            "the janitor have one for all.",
            {"{{role}}": f"sum by (role) ({LEASES.name})"},
            unit="short",
        ),
        bars(
            "Versions at work",
            "How many processes are of each version; one, except during an upgrade.",
            {"{{version}}": f"count by (version) ({BUILD_INFO.name})"},
            unit="short",
            colours=PLAIN,
        ),
    )


def _used() -> tuple[Panel, ...]:
    ours = f"{{{OURS}}}"
    return (
        lines(
            "Memory",
            "What each process holds.",
            {"{{instance}}": f"max by (instance) (process_resident_memory_bytes{ours})"},
            unit="bytes",
        ),
        lines(
            "Processor time",
            "How much of a core each process takes.",
            {"{{instance}}": f"sum by (instance) ({rate(f'process_cpu_seconds_total{ours}')})"},
            unit="percentunit",
        ),
        lines(
            "Started again",
            "How often each process began anew in an hour.",
            {"{{instance}}": f"sum by (instance) (changes(process_start_time_seconds{ours}[1h]))"},
            unit="short",
        ),
    )
