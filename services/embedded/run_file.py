"""`run.json` in the data folder: what runs now, for `peygir status`, for tests, for who looks."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from services.embedded.child import Child
from services.embedded.folder import DataFolder
from services.embedded.ward import Ward

NAME = "run.json"


def write(folder: DataFolder, facts: Mapping[str, Any], wards: Sequence[Ward]) -> None:
    """All of it anew; a reader never sees half of it."""
    processes = {ward.care.name: _entry(ward, ward.child) for ward in wards if ward.child}
    us = {
        "pid": os.getpid(),
        "created_at": psutil.Process().create_time(),
        "folder": str(folder.path),
    }
    ended = {ward.care.name: ward.restarts for ward in wards if not ward.child}
    folder.write(NAME, {**us, **facts, "processes": processes, "ended": ended})


def running_pid(folder: DataFolder) -> int | None:
    """The supervisor of this data folder, if it lives: a pid alone is used again by others."""
    run = folder.read(NAME)
    if run.get("folder") != str(folder.path) or "pid" not in run:
        return None
    try:
        process = psutil.Process(run["pid"])
        same = abs(process.create_time() - run["created_at"]) < 1.0
        alive = process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return run["pid"] if same and alive else None


def _entry(ward: Ward, child: Child) -> dict[str, Any]:
    return {
        "pid": child.pid,
        "created_at": child.created_at,
        "state": ward.state,
        "restarts": ward.restarts,
        "address": ward.care.address,
        "metrics_port": ward.care.port,
        "log": str(child.program.log),
    }
