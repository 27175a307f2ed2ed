"""A million cases of two cities as rows: who has how many, and which words how often, like life."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from schemas.topics import LOG_PARTITIONS
from schemas.vocabulary import CHANNELS, PRIORITIES

BEGAN = datetime(2023, 12, 1, tzinfo=UTC)
DAYS = 1_090
SEED = 137
HISTORICAL_SHARE = 0.3  # The second city's past, imported.
OPEN_SHARE = 0.05
WORDS_A_TEXT = 10
VOCABULARY = 30_000
DISTRICTS = 12
CITIES = {"hashtgerd": 12, "boston": 8}
# By how often they are written, the commonest first.
PERSIAN = tuple("ایردنهومتبسلشزکخفقگعجپحچغطصذضثظژ")
LATIN = tuple("etaoinshrdlcumwfgypbvk")
LETTERS_A_WORD = (3, 4, 4, 5, 5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Weighted:
    """Values of which the first is met most often, as words and departments are."""

    values: Sequence[str]
    sums: Sequence[float]

    def draw(self, chance: Random) -> str:
        return self.values[bisect(self.sums, chance.random() * self.sums[-1])]

    def draws(self, chance: Random, count: int) -> list[str]:
        return chance.choices(self.values, cum_weights=self.sums, k=count)


def zipf(values: Sequence[str]) -> Weighted:
    return Weighted(values, list(accumulate(1 / rank for rank in range(1, len(values) + 1))))


def vocabulary(alphabet: Sequence[str]) -> list[str]:
    """So many words that are not words, with letters as often as they are in life."""
    chance, letters = Random(SEED), zipf(alphabet)  # noqa: S311 - a distribution, not a secret
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(letters.draws(chance, chance.choice(LETTERS_A_WORD)))] = None
    return list(found)


WORDS = {"hashtgerd": zipf(vocabulary(PERSIAN)), "boston": zipf(vocabulary(LATIN))}
DEPARTMENTS = {
    city: zipf([f"department-{number}" for number in range(count)])
    for city, count in CITIES.items()
}
COLUMNS = (
    "case_id", "log_partition", "version", "municipality", "channel", "state", "tracking_code",
    "submitted_at", "recorded_at", "submitted_offset", "closed_at", "due_at", "department",
    "category", "priority", "problem_report", "district", "routing_reason", "policy_version",
    "historical", "times_reversed", "transfers", "reopenings",
)  # fmt: skip
CHANNEL_SHARES = Weighted(CHANNELS, list(accumulate((50, 15, 15, 15, 1, 4))))
PRIORITY_SHARES = Weighted(PRIORITIES, list(accumulate((1, 14, 70, 15))))


def cases(count: int) -> Iterator[tuple[Any, ...]]:
    """The rows of `cases` in the order of the log."""
    chance = Random(SEED)  # noqa: S311 - a distribution, not a secret
    for number in range(count):
        historical = number < count * HISTORICAL_SHARE
        city = "boston" if historical or chance.random() < 0.1 else "hashtgerd"
        submitted_at = BEGAN + timedelta(days=DAYS * number / count)
        yield _case(number, city, submitted_at, chance, historical=historical)


def _case(
    number: int, city: str, submitted_at: datetime, chance: Random, *, historical: bool
) -> tuple[Any, ...]:
    department = DEPARTMENTS[city].draw(chance)
    subject = int(6 * chance.random() ** 2)
    is_open = not historical and chance.random() < OPEN_SHARE / (1 - HISTORICAL_SHARE)
    state = ("routed" if chance.random() < 0.6 else "acknowledged") if is_open else "resolved"
    due_at = submitted_at + timedelta(days=10 + 300 * chance.random()) if is_open else None
    return (
        case_id(number), number % LOG_PARTITIONS, number, city, CHANNEL_SHARES.draw(chance), state,
        f"{number:015d}", submitted_at, submitted_at, number,
        None if is_open else submitted_at + timedelta(days=9 * chance.random()), due_at, department,
        f"{department}-{subject}", PRIORITY_SHARES.draw(chance), chance.random() < 0.8,

        f"district-{int(DISTRICTS * chance.random())}", "the words that decided it, in full",
        f"{city}/2026-01-01T00:00:00Z", historical, False, 0, 0,
    )  # fmt: skip


def texts(count: int) -> Iterator[tuple[str, int, str]]:
    """The rows of `case_words`: what each of those cases says."""
    chance = Random(SEED)  # noqa: S311 - a distribution, not a secret
    for number in range(count):
        city = "boston" if number < count * HISTORICAL_SHARE else "hashtgerd"
        words = " ".join(WORDS[city].draws(chance, WORDS_A_TEXT))
        yield case_id(number), number % LOG_PARTITIONS, words


def case_id(number: int) -> str:
    """Ids without an order, as they are: a multiplication scatters the numbers."""
    scattered = number * 0x9E3779B97F4A7C15 % 2**64
    return f"{scattered:064b}"[:32].translate(str.maketrans("01", "ab"))
