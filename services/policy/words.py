"""The words of each category, read from words.yaml."""

from collections.abc import Iterator
from itertools import islice, product

from schemas.policy import Evidence
from schemas.vocabulary import Category
from services.policy.document import Section
from streams.core.text import tokens

WEIGHT_MAX = 100
PARTS_MAX = 4
ALTERNATIVES_MAX = 500
WORDS_MAX = 6


def read_words(file: Section) -> dict[Category, tuple[Evidence, ...]]:
    """Each category's evidence, as weight → list of words."""
    return {Category(code): tuple(_evidence(weights)) for code, weights in file.sections()}


def _evidence(weights: Section) -> Iterator[Evidence]:
    if not weights.values:
        weights.problems.add(
            weights.file, weights.line(None), weights.path, "has no words: leave the category out"
        )
    for weight in weights.values:
        lines = weights.items(weight)
        if not isinstance(weight, int) or not 0 <= weight <= WEIGHT_MAX:
            weights.wrong(weight, f"a weight is a whole number from 0 to {WEIGHT_MAX}")
            continue
        if not lines:
            weights.wrong(weight, "the list of words is empty")
        for line in lines:
            all_of = tuple(_alternatives(part) for part in str(line).split(" + "))
            mistake = _mistake(all_of)
            if mistake is not None:
                weights.wrong(weight, f'"{line}": {mistake}')
            else:
                yield Evidence(all_of=all_of, weight=weight)


def _alternatives(part: str) -> tuple[str, ...]:
    """The phrases that a part stands for: `a|b / c` is "a c" or "b c"."""
    slots = [slot.split("|") for slot in part.split(" / ")]
    chosen = islice(product(*slots), ALTERNATIVES_MAX + 1)
    return tuple(" ".join(words).strip() for words in chosen)


def _mistake(all_of: tuple[tuple[str, ...], ...]) -> str | None:
    if len(all_of) > PARTS_MAX:
        return f"has more than {PARTS_MAX} parts"
    if any(len(alternatives) > ALTERNATIVES_MAX for alternatives in all_of):
        return f"has more than {ALTERNATIVES_MAX} alternatives"
    for alternatives in all_of:
        for phrase in alternatives:
            words = tokens(phrase)
            if not words:
                return "a word is empty"
            if len(words) > WORDS_MAX:
                return f"a phrase has more than {WORDS_MAX} words"
    return None
