"""Every setting of an installation, read from `PEYGIR_…` by an entry point and passed down."""

from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.kafka import KafkaAccess, Mechanism, Security

T = TypeVar("T")
PORT_MAX = 65_535
TRACING_PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter")


class Settings(BaseSettings):
    """Ages and waits are in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="PEYGIR_", extra="ignore")

    data: Path = Field(default=Path(".peygir"), description="everything the instance keeps")
    host: str = Field(default="127.0.0.1", description="where the edge listens")
    port: int = Field(default=8137, ge=0, le=65535, description="the one address; 0: any free port")
    trusted_proxies: str = Field(default="", description="nets whose X-Forwarded-For counts")
    kafka: str | None = Field(default=None, description="bootstrap servers; ours if absent")
    kafka_security: Security = Field(default="PLAINTEXT", description="how the wire is kept")
    kafka_user: str | None = Field(
        default=None, validate_default=True, description="who we are, with SASL"
    )
    kafka_password: SecretStr | None = Field(
        default=None, validate_default=True, description="and how we show it"
    )
    kafka_sasl: Mechanism = Field(default="SCRAM-SHA-512", description="SASL's mechanism")
    kafka_ca: FilePath | None = Field(default=None, description="PEM; the system's if absent")
    kafka_heap_mb: int = Field(default=512, ge=128, description="memory of our own broker")
    database_url: SecretStr | None = Field(default=None, description="ours if absent")
    master_key: SecretStr | None = Field(default=None, description="32 bytes, base64url")
    hmac_key: SecretStr | None = Field(default=None, description="32 bytes, base64url")
    inbox_generation: int = Field(default=1, ge=1, description="one more after each restore")
    instance: str = Field(default="1", description="unique and stable for each worker of a kind")
    replication: int = Field(default=1, ge=1, description="copies of each topic; 3 in production")
    metrics_port: int = Field(default=0, ge=0, le=65535, description="0: any free port")
    metrics_host: str = Field(default="127.0.0.1", description="where workers show metrics")
    watched: str = Field(default="", description="HOST:PORT of metrics, for watch; ours if absent")
    policies: Path = Field(default=Path("deploy/policies"), description="what is published")

    erasures: Path | None = Field(default=None, description="the list of erasures; kept apart")

    inbox_days: int = Field(default=3, ge=1, description="raw messages with an outcome are kept")
    keyring_days: int = Field(default=7, ge=1, description="an erased key is gone from disk within")
    dead_letter_days: int = Field(default=30, ge=1, description="dead letters are kept")
    department_days: int = Field(default=30, ge=1, description="deliveries are kept")

    broker_wait_seconds: float = Field(default=5.0, gt=0, description="then the edge answers 503")
    session_seconds: float = Field(default=6.0, ge=1, description="Kafka group session")
    lease_seconds: float = Field(default=6.0, ge=0.5, description="then another may take over")
    watchdog_seconds: float = Field(default=20.0, ge=1, description="standing still, then killed")
    accounting_tick_seconds: float = Field(default=0.5, gt=0, description="between two looks")
    open_promises_seconds: float = Field(default=15.0, gt=0, description="between two counts")
    lag_seconds: float = Field(default=5.0, gt=0, description="between two looks at what waits")
    repair_after_seconds: float = Field(default=60.0, ge=0, description="between two tries")
    timer_tick_seconds: float = Field(default=0.2, gt=0, description="between two looks")
    hold_seconds_max: float = Field(default=300.0, ge=0, description="a notice waits no longer")
    dispatcher_tick_seconds: float = Field(default=0.2, gt=0, description="between two looks")
    linker_tick_seconds: float = Field(default=0.5, gt=0, description="between two looks")
    keys_refresh_seconds: float = Field(default=2.0, gt=0, description="a revoked key dies within")
    staff_idle_minutes: int = Field(default=30, ge=1, description="an unused sign-in ends after")
    staff_session_hours: int = Field(default=12, ge=1, description="and a used one at the latest")
    janitor_tick_seconds: float = Field(default=60.0, gt=0, description="between two looks")
    streams_max: int = Field(default=500, ge=1, description="subscribers of changes a process")
    track_per_minute_max: int = Field(default=30, ge=1, description="look-ups an address")
    tracing_url: str | None = Field(default=None, description="OTLP over HTTP; no traces if absent")
    tracing_share: float = Field(default=1.0, ge=0, le=1, description="of traces begun here, kept")

    @property
    def kafka_access(self) -> KafkaAccess | None:
        """How Kafka is reached; none where it is not said where it is."""
        if self.kafka is None:
            return None
        return KafkaAccess(
            servers=self.kafka,
            security=self.kafka_security,
            user=self.kafka_user,
            password=self.kafka_password.get_secret_value() if self.kafka_password else None,
            mechanism=self.kafka_sasl,
            ca=self.kafka_ca,
        )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, proxies: str) -> str:
        """A star would let anybody be anybody."""
        for one in filter(None, proxies.split(",")):
            ip_network(one.strip(), strict=False)
        return proxies

    @field_validator("tracing_url")
    @classmethod
    def _is_where_traces_go(cls, url: str | None) -> str | None:
        """Said at the start: later it would be a line in the log, and no traces."""
        if not url:  # A variable that is there and empty, as Compose has it, says nothing.
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is not http://HOST:PORT/v1/traces")
        if any(find_spec(one) is None for one in TRACING_PACKAGES):
            raise ValueError("OpenTelemetry is not installed: pip install '.[tracing]'")
        return url if parts.path.strip("/") else f"{url.rstrip('/')}/v1/traces"

    @field_validator("watched")
    @classmethod
    def _are_hosts_with_ports(cls, watched: str) -> str:
        for one in filter(None, (part.strip() for part in watched.split(","))):
            host, _, port = one.rpartition(":")
            if not (host and port.isascii() and port.isdigit() and 0 < int(port) <= PORT_MAX):
                raise ValueError(f"{one!r} is not HOST:PORT")
        return watched

    @field_validator("kafka_security")
    @classmethod
    def _is_of_a_broker(cls, security: Security, info: ValidationInfo) -> Security:
        if security != "PLAINTEXT" and info.data.get("kafka") is None:
            raise ValueError("our own broker is spoken to in the clear; set PEYGIR_KAFKA")
        return security

    @field_validator("kafka_user", "kafka_password")
    @classmethod
    def _goes_with_sasl(cls, value: T, info: ValidationInfo) -> T:
        """Half a credential is a mistake that would be noticed much later."""
        sasl = str(info.data.get("kafka_security", "")).startswith("SASL_")
        if sasl and not value:
            raise ValueError("SASL needs a user and a password")
        if not sasl and value:
            raise ValueError("used with SASL alone; set PEYGIR_KAFKA_SECURITY")
        return value
