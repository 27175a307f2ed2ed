"""A mapping file: what is wrong in it is named by file, line and field."""

from pathlib import Path

import pytest

from services.importing.mapping import Values
from services.policy.problems import PolicyError
from tests.importing.mapped import MAPPING, mapping

WRONG = {
    "a municipality without a policy": ("municipality: hashtgerd", "municipality: nowhere", 1),
    "a system that policy does not name": ("system: former", "system: other", 2),
    "a column that is missing": ("reference: id\n", "", 1),
    "text that is no list": ("columns: [title, kind]", "columns: title", 4),
    "a zone that does not exist": ("America/New_York", "America/Old_York", 6),
    "a channel that does not exist": ("call: phone", "call: pigeon", 13),
    "a department that does not exist": ("PRK*: parks", "PRK*: sparks", 16),
    "a category that does not exist": ("otherwise: OTH-01", "otherwise: OTH-99", 17),
    "a reason that does not exist": ("no-action-needed", "no-idea", 12),
    "half a place": (", lon: lon", "", 18),
    "a point that is none": ("[[1.5, 2.5]]", "[1.5]", 18),
    "an unknown key": ("deadline: due", "dedline: due", 9),
    "an unknown encoding": ("system: former", "system: former\nfile: {encoding: klingon}", 3),
    "a delimiter of two characters": (
        "system: former",
        'system: former\nfile: {delimiter: "::"}',
        3,
    ),
}


def test_a_valid_mapping_is_read_whole(tmp_path: Path) -> None:
    found = mapping(tmp_path)

    assert found.encoding == "utf-8"
    assert found.delimiter == ","
    assert found.columns == {
        *("id", "title", "kind", "opened", "due", "closed", "how", "source", "queue"),
        *("where", "part", "lat", "lon", "phone", "kept"),
    }


def test_of_two_beginnings_that_fit_the_longer_counts(tmp_path: Path) -> None:
    departments = mapping(tmp_path).department

    assert [departments.named(one) for one in ("P_1", "PRK_1", "PRK_other", "Q")] == [
        *("fani", "parks", "fani"),
        None,
    ]


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_named_by_its_line(what: str, tmp_path: Path) -> None:
    right, wrong, line = WRONG[what]
    assert right in MAPPING

    with pytest.raises(PolicyError) as raised:
        mapping(tmp_path, MAPPING.replace(right, wrong, 1))

    assert {one.file for one in raised.value.problems} == {"import.yaml"}
    assert line in {one.line for one in raised.value.problems}, raised.value


def test_a_value_is_found_whole_before_its_longest_beginning() -> None:
    values = Values(
        column="queue", exact={"AB_1": "whole"}, prefixes=(("AB_", "long"), ("A", "short"))
    )

    assert [values.named(one) for one in ("AB_1", "AB_2", "AC", "B", "")] == [
        *("whole", "long", "short"),
        *(None, None),
    ]
