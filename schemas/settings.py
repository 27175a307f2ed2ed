"""Every setting of an installation, read from `PEYGIR_…` by an entry point and passed down."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Ages and waits are in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="PEYGIR_", extra="ignore")

    data: Path = Field(default=Path(".peygir"), description="everything the instance keeps")
    port: int = Field(default=8137, ge=0, le=65535, description="the one address; 0: any free port")
    kafka: str | None = Field(default=None, description="bootstrap servers; ours if absent")
    kafka_heap_mb: int = Field(default=512, ge=128, description="memory of our own broker")
    database_url: SecretStr | None = Field(default=None, description="ours if absent")
    master_key: SecretStr | None = Field(default=None, description="32 bytes, base64url")
    hmac_key: SecretStr | None = Field(default=None, description="32 bytes, base64url")
    inbox_generation: int = Field(default=1, ge=1, description="one more after each restore")
    instance: str = Field(default="1", description="unique and stable for each worker of a kind")
    replication: int = Field(default=1, ge=1, description="copies of each topic; 3 in production")
    metrics_port: int = Field(default=0, ge=0, le=65535, description="0: any free port")
    metrics_host: str = Field(default="127.0.0.1", description="where workers show metrics")
    policies: Path = Field(default=Path("deploy/policies"), description="what is published")

    dead_letter_days: int = Field(default=30, ge=1, description="dead letters are kept")
    department_days: int = Field(default=30, ge=1, description="deliveries are kept")

    broker_wait_seconds: float = Field(default=5.0, gt=0, description="then the edge answers 503")
    session_seconds: float = Field(default=6.0, ge=1, description="Kafka group session")
    lease_seconds: float = Field(default=6.0, ge=0.5, description="then another may take over")
    watchdog_seconds: float = Field(default=20.0, ge=1, description="standing still, then killed")
    accounting_tick_seconds: float = Field(default=0.5, gt=0, description="between two looks")
    repair_after_seconds: float = Field(default=60.0, ge=0, description="between two tries")
    timer_tick_seconds: float = Field(default=0.2, gt=0, description="between two looks")
    hold_seconds_max: float = Field(default=300.0, ge=0, description="a notice waits no longer")
    dispatcher_tick_seconds: float = Field(default=0.2, gt=0, description="between two looks")
    keys_refresh_seconds: float = Field(default=2.0, gt=0, description="a revoked key dies within")
    track_per_minute_max: int = Field(default=30, ge=1, description="look-ups an address")
