"""Who is asked: those of the setting, or those of an instance of our own."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.settings import Settings
from services.command import status
from services.embedded import run_file
from services.embedded.child import Program
from services.embedded.folder import DataFolder
from services.embedded.ward import Care, Ward
from services.embedded.workers import Layer
from services.watching.targets import given, of_instance


def test_each_process_of_the_setting_has_its_hosts_name() -> None:
    found = given("router-intake:9137, edge:9137,,[::1]:9138")

    assert [(one.name, one.host, one.port) for one in found] == [
        ("router-intake", "router-intake", 9137),
        ("edge", "edge", 9137),
        ("[::1]", "::1", 9138),
    ]


def test_processes_of_one_host_are_told_apart_by_their_ports() -> None:
    assert [one.name for one in given("localhost:1,localhost:2,local:3")] == [
        "localhost:1",
        "localhost:2",
        "local",
    ]


@pytest.mark.parametrize("wrong", ["edge", "edge:", ":9137", "edge:0", "edge:70000", "edge:x,a:1"])
def test_what_is_no_host_with_a_port_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is not HOST:PORT"):
        Settings(watched=wrong)


def test_an_instances_processes_are_asked_and_its_servers_are_as_it_says() -> None:
    found = of_instance(
        {
            "processes": {
                "kafka": {"metrics_port": None, "state": "healthy", "address": "127.0.0.1:9"},
                "postgres": {"metrics_port": None, "state": "failing", "address": "127.0.0.1:8"},
                "edge": {"metrics_port": 7, "state": "healthy", "address": "127.0.0.1:8137"},
            }
        }
    )

    assert [(one.name, one.address, one.wrong) for one in found] == [
        ("kafka", "127.0.0.1:9", ""),
        ("postgres", "127.0.0.1:8", "failing"),
        ("edge", "127.0.0.1:7", ""),
    ]


def test_a_process_between_two_starts_is_told_of_and_the_instance_is_not_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = DataFolder(tmp_path)
    run_file.write(folder, {"ready": True}, [ended("janitor")])

    (target,) = of_instance(folder.read("run.json"))
    found = status.look(folder)
    status.show(found)

    assert (target.name, target.port, target.wrong) == (
        "janitor",
        None,
        "has ended, and is started again",
    )
    assert found["running"]
    assert not found["ready"]
    assert "does not run" not in capsys.readouterr().out


def ended(name: str) -> Ward:
    def program() -> Program:
        raise AssertionError("it is not started here")

    care = Care(
        name=name,
        layer=Layer.PROCESSOR,
        program=program,
        ask=lambda _: None,
        address="127.0.0.1:1",
        port=1,
        patience_seconds=1,
    )
    return Ward(care, lambda _: None)
