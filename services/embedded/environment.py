"""The settings of every child, which come to it through its environment alone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import services
from services.embedded.folder import DataFolder

CHECKOUT = Path(services.__file__).parents[1]


@dataclass(slots=True, kw_only=True)
class Addresses:
    """Known one after the other while an instance starts."""

    port: int
    kafka: str = ""
    database_url: str = ""


def of_workers(
    folder: DataFolder, addresses: Addresses, policies: Path, given: Mapping[str, str]
) -> dict[str, str]:
    """What the person set goes through; what we decided stands above it, their keys excepted."""
    kept = folder.secrets()
    keys = {"PEYGIR_MASTER_KEY": kept.master_key, "PEYGIR_HMAC_KEY": kept.hmac_key}
    generation = folder.read("instance.json").get("inbox_generation", 1)
    path = os.pathsep.join(filter(None, (str(CHECKOUT), given.get("PYTHONPATH"))))
    ours = {
        "PEYGIR_KAFKA": addresses.kafka,
        "PEYGIR_DATABASE_URL": addresses.database_url,
        "PEYGIR_PORT": str(addresses.port),
        "PEYGIR_DATA": str(folder.path),
        "PEYGIR_INBOX_GENERATION": str(generation),
        "PEYGIR_POLICIES": str(policies.absolute() if policies.exists() else CHECKOUT / policies),
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
    }
    return keys | dict(given) | ours
