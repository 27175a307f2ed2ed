"""`peygir department acknowledge`, `resolve` and so on: each thing a department says of a case."""

from collections.abc import Callable, Mapping
from inspect import Parameter

import typer

from schemas.kafka import Kafka
from schemas.messages import ProgressReport
from schemas.settings import Settings
from schemas.topics import PROGRESS_DESK, department_of, progress_of
from schemas.vocabulary import Author, Deed, Department, Municipality
from services.backup.erasing import AUTHOR
from services.command import case_fact, deed_options, judged, reach
from services.command.deed_options import Given, argument, flag
from services.command.exit_codes import ExitCode
from services.command.saying import Desk, Voice
from services.kafka import KafkaAwayError, TopicError, admin, partitions
from streams.core.ids import read_tracking_code

COMMAND = "peygir department"
SAID: Mapping[str, tuple[Deed, str]] = {
    "acknowledge": ("acknowledged", "Say that it is seen and answered for."),
    "start": ("started", "Say that the work has begun."),
    "note": ("noted", "Add a note; among colleagues alone, unless it is public."),
    "ask": ("information-requested", "Ask the citizen something: it waits for the answer."),
    "answer": ("information-received", "Say that the citizen has answered: it goes on."),
    "pause": ("paused", "Let it wait, for a reason that the policy has."),
    "resume": ("resumed", "Say that there is nothing to wait for any more."),
    "transfer": ("transfer-requested", "Pass it on: it is not ours."),
    "hand-over": ("handed-over", "Hand it over to another body, and go on answering for it."),
    "hand-over-answer": ("handed-over-answered", "Say what the other body says."),
    "split": ("split", "Make a case of each of the things that it is about."),
    "link": ("linked", "Let it follow the earlier case that reports the same."),
    "unlink": ("unlinked", "Let it be a case of its own again."),
    "resolve": ("resolved", "Say that it is done, with what the category wants to be shown."),
    "close": ("closed-without-action", "Close it, and nothing was fixed; it counts as such."),
}
# To follow a case it must be known to be the earlier one, which only our desk can say.
BY_THE_DESK: tuple[Deed, ...] = ("linked",)


def add_to(app: typer.Typer) -> None:
    """A command for each deed."""
    for name, (deed, words) in SAID.items():
        app.command(name)(deed_options.command(_saying(deed), words, _taken(deed)))


def _taken(deed: Deed) -> tuple[Parameter, ...]:
    return (
        argument("municipality"),
        argument("department"),
        argument("case", "case id or tracking code"),
        *deed_options.parameters((deed,)),
        flag("no_wait", "leave it in the inbox, and look nothing up: needs Kafka alone"),
    )


def _saying(deed: Deed) -> Callable[[Given], None]:
    def say(given: Given) -> None:
        deed_options.check(deed, given)
        municipality = Municipality(given["municipality"].lower())
        department = Department(given["department"].lower())
        if deed in BY_THE_DESK:
            _by_the_desk(deed, municipality, department, given)
        elif "no_wait" in given:
            _leave(deed, municipality, department, given)
        else:
            _ask(deed, municipality, department, given)

    return say


def _ask(deed: Deed, municipality: Municipality, department: Department, given: Given) -> None:
    desk, voice = judged.desk(), _voice(municipality, department)
    case = judged.one(desk, given["case"], municipality)
    _require(desk.kafka, voice.inbox)
    report = ProgressReport(case_id=case.case_id, did=deed, **case_fact.what(desk, case, given))
    judged.say(desk, report, voice, municipality)


def _by_the_desk(
    deed: Deed, municipality: Municipality, department: Department, given: Given
) -> None:
    if "no_wait" in given:
        reach.end(f"{deed} is said at the desk, which looks up the earlier case", ExitCode.USAGE)
    desk = judged.desk()
    case = judged.one(desk, given["case"], municipality)
    report = ProgressReport(
        case_id=case.case_id,
        did=deed,
        department=department,
        municipality=municipality,
        author=AUTHOR,
        role="member",
        **case_fact.what(desk, case, given),
    )
    voice = Voice(inbox=PROGRESS_DESK, author=AUTHOR, command=COMMAND)
    judged.say(desk, report, voice, municipality)


def _leave(deed: Deed, municipality: Municipality, department: Department, given: Given) -> None:
    """For a department's own computer, where there is no database to ask."""
    if read_tracking_code(given["case"]) is not None:
        reach.end("with --no-wait a case is named by its id, as it is delivered", ExitCode.USAGE)
    settings, voice = Settings(), _voice(municipality, department)
    kafka = reach.kafka(settings)
    _require(kafka, voice.inbox)
    desk = Desk(
        kafka=kafka,
        database_url="",
        inbox_generation=reach.inbox_generation(settings),
        wait_seconds=settings.broker_wait_seconds,
    )
    what = {"reference": judged.new_reference(), **deed_options.fields(given)}
    report = ProgressReport(case_id=given["case"].strip(), did=deed, **what)
    source = judged.write(desk, report, voice)
    told = department_of(municipality, department)
    typer.echo(f"it lies in {source.inbox}; if it is refused, that comes to {told}")


def _voice(municipality: Municipality, department: Department) -> Voice:
    """Its own inbox says who speaks."""
    inbox = progress_of(municipality, department)
    return Voice(inbox=inbox, author=Author(inbox), command=COMMAND)


def _require(kafka: Kafka, topic: str) -> None:
    """Ends the command where there is no such department, or it is another's."""
    try:
        client = admin(kafka)
        try:
            partitions(client, topic)
        finally:
            client.close()
    except TopicError as error:
        reach.end(str(error))
    except KafkaAwayError as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
