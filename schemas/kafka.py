"""How Kafka is reached: where it is, over which wire, and as whom."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaAccess:
    """What a client needs to be let in. The certificate authorities are the system's without `ca`.

    With a SASL security, `user` and `password` are used; without, they are not.
    """

    servers: str
    security: Security = "PLAINTEXT"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    mechanism: Mechanism = "SCRAM-SHA-512"

    @property
    def encrypted(self) -> bool:
        return self.security in ("SSL", "SASL_SSL")

    @property
    def authenticated(self) -> bool:
        return self.security in ("SASL_PLAINTEXT", "SASL_SSL")

    def trust(self) -> ssl.SSLContext | None:
        """Whose certificates are believed; none where nothing is encrypted. Raises `OSError`."""
        return ssl.create_default_context(cafile=self.ca) if self.encrypted else None

    def __str__(self) -> str:
        return self.servers


# Most brokers that are spoken to need nothing but their address.
Kafka = str | KafkaAccess


def access(kafka: Kafka) -> KafkaAccess:
    return KafkaAccess(servers=kafka) if isinstance(kafka, str) else kafka


def servers(kafka: Kafka) -> list[str]:
    """The bootstrap servers, one by one."""
    return [one.strip() for one in access(kafka).servers.split(",") if one.strip()]


def client_options(kafka: Kafka) -> dict[str, Any]:
    """The options that aiokafka and kafka-python share. Raises `OSError`: `ca` is read."""
    known = access(kafka)
    options: dict[str, Any] = {"bootstrap_servers": servers(known)}
    if known.security != "PLAINTEXT":
        options["security_protocol"] = known.security
    if known.encrypted:
        options["ssl_context"] = known.trust()
    if known.authenticated:
        options["sasl_mechanism"] = known.mechanism
        options["sasl_plain_username"] = known.user
        options["sasl_plain_password"] = known.password
    return options
