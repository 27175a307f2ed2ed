"""Who is asked: those of the setting, or those of an instance of our own."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.settings import Settings
from services.command import status
from services.doctor import look_machine
from services.embedded import run_file
from services.embedded.child import Program
from services.embedded.folder import DataFolder
from services.embedded.ward import Care, Ward
from services.embedded.workers import Layer
from services.watching.targets import Target, given, of_instance, of_the_gone
from tests.deployments import ROOT, documents


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


def test_of_an_instance_that_is_gone_nobody_knows_how_its_servers_are() -> None:
    kafka, edge = Target(name="kafka", host="127.0.0.1:9"), Target(name="edge", port=7)

    found = of_the_gone([kafka, edge])

    assert [one.wrong for one in found] == ["its instance does not run", ""]


def test_every_process_of_compose_is_watched_where_prometheus_asks_it() -> None:
    (compose,) = documents(ROOT / "docker-compose.yml")
    (prometheus,) = documents(ROOT / "deploy" / "prometheus" / "prometheus.yml")
    job = next(one for one in prometheus["scrape_configs"] if one["job_name"] == "peygir")
    asked = [target for one in job["static_configs"] for target in one["targets"]]

    watched = compose["services"]["peygir"]["environment"]["PEYGIR_WATCHED"]

    assert sorted(one.address for one in given(watched)) == sorted(asked)


def test_every_process_of_kubernetes_is_watched() -> None:
    base = ROOT / "deploy" / "kubernetes" / "base"
    pods = {
        f"{one['metadata']['name']}-{number}.workers:9137"
        for one in documents(base / "workers.yaml")
        for number in range(one["spec"]["replicas"])
    }
    operator = next(
        one
        for one in documents(ROOT / "deploy" / "kubernetes" / "tools" / "operator.yaml")
        if one["kind"] == "Pod"
    )
    given_to = operator["spec"]["containers"][0]["env"]
    watched = next(one["value"] for one in given_to if one["name"] == "PEYGIR_WATCHED")

    assert {one.address for one in given(watched)} == {*pods, "edges:9137"}


def test_a_process_between_two_starts_is_told_of_and_the_instance_is_not_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = DataFolder(tmp_path)
    run_file.write(folder, {"ready": True}, [ended("janitor")])

    (watched,) = of_instance(folder.read("run.json"))
    (examined,) = look_machine.processes(Settings(data=tmp_path))
    found = status.look(folder)
    status.show(found)

    said = "has ended, and is started again"
    assert (watched.name, watched.port, watched.wrong) == ("janitor", None, said)
    assert (examined.name, examined.wrong) == ("janitor", said)
    assert found["running"]
    assert not found["ready"]
    assert said in capsys.readouterr().out


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
