"""How well the words of Hashtgerd find the department, on messages seen and unseen."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import Department
from streams.core.classifier import classify, compile_classifier
from tests.policy.hashtgerd import hashtgerd

DATA = Path(__file__).parents[1] / "data"
SEEN = json.loads((DATA / "taxonomy_messages.json").read_text(encoding="utf-8"))
UNSEEN = json.loads((DATA / "messages_unseen.json").read_text(encoding="utf-8"))
CLASSIFIER = compile_classifier(hashtgerd())
OWNERS: dict[str, Department] = {one.category: one.department for one in hashtgerd().categories}


def outcome(message: dict[str, Any]) -> str:
    expected = message.get("expected") or [message["category"]]
    found = OWNERS[classify(message["text"], CLASSIFIER).category]
    if found in {OWNERS[category] for category in expected}:
        return "right"
    return "centre" if found == hashtgerd().centre else "wrong"


@pytest.mark.parametrize(
    ("name", "messages", "right_min"),
    [
        ("the taxonomy's examples", SEEN["messages"], 0.95),
        ("the first that were unseen", UNSEEN["messages"], 0.9),
        ("the second that were unseen", UNSEEN["second"], 0.8),
    ],
)
def test_a_message_reaches_its_department_or_the_centre(
    name: str, messages: list[dict[str, Any]], right_min: float
) -> None:
    counts = Counter(outcome(message) for message in messages)

    assert counts["right"] >= right_min * len(messages), (name, counts)
    assert counts["wrong"] <= 0.03 * len(messages), (name, counts)


def test_messages_across_categories_reach_one_of_theirs_or_the_centre() -> None:
    wrong = [one["id"] for one in SEEN["cross_cutting"] if outcome(one) == "wrong"]

    # X21 names a danger and no place: its department can ask where as well as the centre can.
    assert wrong == ["X21"]
