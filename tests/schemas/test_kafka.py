"""How Kafka is reached, as the settings say it and as the clients are told."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from schemas.kafka import KafkaAccess, client_options
from schemas.settings import Settings

WHO: dict[str, Any] = {"kafka_user": "edge", "kafka_password": SecretStr("a secret")}
SASL: dict[str, Any] = {"kafka": "a:1", "kafka_security": "SASL_PLAINTEXT"}


def test_an_address_alone_says_nothing_but_where() -> None:
    assert client_options("a:1, b:2") == {"bootstrap_servers": ["a:1", "b:2"]}


def test_a_user_is_shown_to_the_broker() -> None:
    access = Settings(**SASL, **WHO).kafka_access

    assert access is not None
    assert client_options(access) == {
        "bootstrap_servers": ["a:1"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "edge",
        "sasl_plain_password": "a secret",
    }


def test_over_tls_the_brokers_certificate_is_checked() -> None:
    context = client_options(KafkaAccess(servers="a:1", security="SSL"))["ssl_context"]

    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_no_secret_is_written_where_the_access_is() -> None:
    access = Settings(**SASL, **WHO).kafka_access

    assert str(access) == "a:1"
    assert "a secret" not in repr(access)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"kafka_security": "SSL"}, "kafka_security"),
        ({**SASL, "kafka_user": "edge"}, "kafka_password"),
        ({**SASL, "kafka_password": SecretStr("a secret")}, "kafka_user"),
        ({"kafka": "a:1", "kafka_user": "edge"}, "kafka_user"),
        ({"kafka": "a:1", "kafka_ca": Path("/is/not/there.pem")}, "kafka_ca"),
        ({"kafka": "a:1", "kafka_security": "TLS"}, "kafka_security"),
    ],
)
def test_half_an_access_is_refused_by_the_name_of_its_setting(
    given: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**given)

    assert {one["loc"] for one in refused.value.errors()} == {(named,)}
