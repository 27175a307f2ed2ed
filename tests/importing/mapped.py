"""A small mapping and its rows, to be spoilt one line at a time."""

from pathlib import Path

from schemas.policy import Policy
from schemas.vocabulary import Municipality
from services.importing.mapping import ImportMapping
from services.importing.read_mapping import read_mapping
from tests.policies import policy

MAPPING = """\
municipality: hashtgerd
system: former
reference: id
text: {columns: [title, kind]}
times:
  zone: America/New_York
  formats: ["%m/%d/%Y %H:%M", iso]
opened_at: opened
deadline: due
closing:
  at: closed
  without_action: {column: how, values: {nothing to do: no-action-needed}}
channel: {column: source, values: {call: phone, site: web}}
department:
  column: queue
  values: {P*: fani, PRK*: parks, PRK_other: fani}
category: {column: kind, otherwise: OTH-01, values: {light: GRN-02}}
place: {address: where, district: part, lat: lat, lon: lon, nowhere: [[1.5, 2.5]]}
reporter: {phone: phone}
verdict: {column: kept, values: {"yes": met, "no": missed}}
"""
ROW = {
    "id": "7",
    "title": "dark",
    "kind": "light",
    "opened": "03/02/2015 10:00",
    "due": "03/03/2015 10:00",
    "closed": "03/02/2015 12:00",
    "how": "",
    "source": "call",
    "queue": "PRK_1",
    "where": "1 Main St",
    "part": "Downtown",
    "lat": "42.3",
    "lon": "-71.1",
    "phone": "",
    "kept": "yes",
}
HEADER = ",".join(ROW) + "\n"


def find(municipality: Municipality) -> Policy | None:
    return policy() if municipality == policy().municipality else None


def mapping(folder: Path, text: str = MAPPING) -> ImportMapping:
    (folder / "import.yaml").write_text(text, encoding="utf-8")
    return read_mapping(folder / "import.yaml", find)


def row(**cells: str) -> dict[str, str]:
    return {**ROW, **cells}


def line(**cells: str) -> str:
    return ",".join(row(**cells).values()) + "\n"
