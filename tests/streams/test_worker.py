"""How Faust is used: one record at a time, and nothing that was measured to lose any."""

import ast
import asyncio
from pathlib import Path

from schemas.settings import Settings
from streams.router.worker import build, on_assignment

STREAMS = Path(__file__).parents[2] / "streams"
ROUTER = STREAMS / "router"
FORBIDDEN = {"take", "noack", "noack_take", "Table", "GlobalTable", "timer", "crontab"}


def calls() -> list[ast.Call]:
    trees = (ast.parse(path.read_text()) for path in ROUTER.rglob("*.py"))
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def test_nobody_but_the_router_knows_faust() -> None:
    others = (path for path in STREAMS.rglob("*.py") if ROUTER not in path.parents)

    assert [path.name for path in others if "import faust" in path.read_text()] == []


def test_every_agent_handles_one_record_at_a_time() -> None:
    agents = [call for call in calls() if name_of(call) == "agent"]
    asked = [{one.arg: ast.unparse(one.value) for one in call.keywords} for call in agents]

    assert [one.get("concurrency") for one in asked] == ["1"] * len(agents) != []


def test_no_table_timer_or_batch_of_fausts_is_used() -> None:
    assert {name_of(call) for call in calls()} & FORBIDDEN == set()


def test_a_router_is_a_static_member_with_a_short_session_and_no_web_server(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path, session_seconds=3, instance="7")

    conf = build(settings, "intake", "127.0.0.1:9092").conf

    assert conf.consumer_group_instance_id == "peygir-router-intake-7"
    assert conf.broker_session_timeout == 3
    assert (conf.web_enabled, conf.processing_guarantee.value) == (False, "at_least_once")


def test_whoever_is_given_partitions_anew_says_so_each_time(tmp_path: Path) -> None:
    told: list[str] = []

    async def run() -> None:
        app = build(Settings(data=tmp_path), "intake", "127.0.0.1:9092")
        on_assignment(app, lambda: told.append("assigned"))
        for _ in range(2):
            await app.on_partitions_assigned.send(set[object]())

    asyncio.run(run())

    assert told == ["assigned", "assigned"]
