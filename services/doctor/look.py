"""Looks at everything at once, and waits for no answer longer than it should."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.kafka import Kafka
from schemas.settings import Settings
from services.doctor import look_database, look_kafka, look_machine
from services.doctor.seen import Away, Erasures, Findings

LOOK_SECONDS_MAX = 12.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Where this installation's servers are; our own are known while they run."""

    settings: Settings
    kafka: Kafka | None
    database_url: str | None
    generation: int
    erasures: Erasures


def look(patient: Patient) -> Findings:
    """What was seen; what was not seen in time is said to be away."""
    settings, kafka, url = patient.settings, patient.kafka, patient.database_url
    generation = patient.generation
    broker = _Look("Kafka", lambda: look_kafka.broker(kafka)) if kafka else None
    database = _Look("Postgres", lambda: look_database.database(url, generation)) if url else None
    processes = _Look("a process", lambda: look_machine.processes(settings))
    machine, policies = look_machine.machine(settings), look_machine.policies(settings)
    asked = processes.answer()
    return Findings(
        machine=machine,
        policies=tuple(policies),
        processes=() if isinstance(asked, Away) else tuple(asked),
        broker=broker.answer() if broker else None,
        database=database.answer() if database else None,
        erasures=patient.erasures,
        master_key=look_machine.master_key(settings),
    )


class _Look(Generic[T]):
    """One question, asked beside the others. A thread that never ends is left behind."""

    def __init__(self, whom: str, question: Callable[[], T]) -> None:
        self._whom = whom
        self._question = question
        self._found: Future[T] = Future()
        self._give_up_at = time.monotonic() + LOOK_SECONDS_MAX
        threading.Thread(target=self._ask, daemon=True, name=f"look at {whom}").start()

    def answer(self) -> T | Away:
        try:
            return self._found.result(max(0.0, self._give_up_at - time.monotonic()))
        except TimeoutError:
            return Away(why=f"{self._whom} gave no answer within {LOOK_SECONDS_MAX:.0f} s")

    def _ask(self) -> None:
        try:
            self._found.set_result(self._question())
        except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
            self._found.set_exception(error)
