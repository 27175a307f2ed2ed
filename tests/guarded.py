"""A broker that lets in only whom it knows, over an encrypted wire, and only to what is theirs."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import kafka.admin
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
)

from schemas.kafka import KafkaAccess
from services.contract.rights import Right
from services.embedded import ports
from services.embedded.kafka import Kafka
from services.embedded.parts import Embedded
from services.kafka import admin

# The stubs at hand describe an older kafka-python.
NEWER: Any = kafka.admin
PASSWORD = "a long password of nobody"  # noqa: S105
# Whoever comes through the other door, as the brokers themselves do, may do everything.
SETTINGS = """
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller_port},GUARDED://{host}:{guarded}
advertised.listeners=BROKER://{host}:{port},GUARDED://{host}:{guarded}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256
listener.name.guarded.scram-sha-512.sasl.jaas.config={login} required;
listener.name.guarded.scram-sha-256.sasl.jaas.config={login} required;
listener.name.guarded.ssl.keystore.type=PEM
listener.name.guarded.ssl.keystore.location=broker.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"


class GuardedKafka(Kafka):
    """The embedded broker with one listener more."""

    @property
    def guarded_port(self) -> int:
        return int(self._instance["kafka_port"]) + 1

    def prepare(self) -> None:
        super().prepare()
        folder = self._folder.path
        more = SETTINGS.format(
            host=ports.HOST,
            port=self._instance["kafka_port"],
            controller_port=self._instance["kafka_controller_port"],
            guarded=self.guarded_port,
            login=LOGIN,
        )
        wanted = {line.split("=")[0] for line in more.split() if "=" in line}
        settings = (folder / "kafka.properties").read_text().splitlines()
        kept = [line for line in settings if line.split("=")[0] not in wanted]
        (folder / "kafka.properties").write_text("\n".join(kept) + more)


@contextmanager
def guarded_kafka(folder: Path, now: datetime) -> Iterator["Guarded"]:
    with Embedded(folder / "data", heap_mb=384) as parts:
        parts.broker = broker = GuardedKafka(parts.folder, heap_mb=384)
        authority = _certificates(parts.folder.path, now)
        with parts.kafka():
            yield Guarded(broker, authority)


class Guarded:
    """The broker's two doors: `open_door` for whoever may do everything, `access` for others."""

    def __init__(self, broker: GuardedKafka, authority: Path) -> None:
        self.open_door = broker.address
        self._guarded = f"{ports.HOST}:{broker.guarded_port}"
        self.authority = authority

    def access(self, user: str, password: str = PASSWORD) -> KafkaAccess:
        return KafkaAccess(
            servers=self._guarded,
            security="SASL_SSL",
            user=user,
            password=password,
            ca=self.authority,
        )

    def let_in(self, user: str, rights: Iterable[Right]) -> None:
        client: Any = admin(self.open_door)
        try:
            for mechanism in ("SCRAM-SHA-512", "SCRAM-SHA-256"):
                credential = NEWER.UserScramCredentialUpsertion(user, mechanism, PASSWORD)
                assert client.alter_user_scram_credentials([credential]) == {user: None}
            wanted = [_acl(user, right, one) for right in rights for one in right.operations]
            assert not client.create_acls(wanted)["failed"]
        finally:
            client.close()


def _acl(user: str, right: Right, operation: str) -> ACL:
    pattern = ResourcePattern(
        ResourceType[right.resource.upper()],
        right.name,
        ACLResourcePatternType.PREFIXED if right.prefix else ACLResourcePatternType.LITERAL,
    )
    named = ACLOperation["".join(f"_{c}" if c.isupper() else c.upper() for c in operation)[1:]]
    return ACL(f"User:{user}", "*", named, ACLPermissionType.ALLOW, pattern)


def _certificates(folder: Path, now: datetime) -> Path:
    """The broker's certificate and key; gives the file with the authority that signed it."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, name = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        for text in ("the authority of a test", "the broker of a test")
    )
    common = x509.CertificateBuilder().issuer_name(authority_name)
    common = common.not_valid_before(now - timedelta(days=1)).not_valid_after(
        now + timedelta(days=1)
    )
    authority = (
        common.subject_name(authority_name)
        .serial_number(1)
        .public_key(authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address(ports.HOST))])
    certificate = (
        common.subject_name(name)
        .serial_number(2)
        .public_key(key.public_key())
        .add_extension(address, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "broker.pem").write_bytes(secret + certificate.public_bytes(pem))
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    return folder / "authority.pem"
