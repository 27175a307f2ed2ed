"""The forms in which a word of the policy occurs in a message."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Literal

Kind = Literal["persian", "short", "dropped", "latin"]

_PLURALS = (
    *("ها", "های", "هایی", "هام", "هات", "هاش", "هامون", "هاتون", "هاشون", "هایم", "هایت", "هایش"),
    *(
        "هایمان",
        "هایتان",
        "هایشان",
        "هارو",
        "هاست",
        "هاس",
        "هان",
        "ا",
        "ای",
        "امون",
        "اشون",
        "اتون",
    ),
    *("هامونو", "اتونو", "امونو", "ام", "اش", "ات", "اتو", "اشو", "هاشو"),
)
_POSSESSIVES = (
    *("م", "ش", "مون", "تون", "شون", "مان", "تان", "شان", "ی", "یه", "و", "رو", "مونو", "شونو"),
    *("یی", "تونو"),
)
# Shorter words would meet others with these: «جو» and «جوان», «پل» and «پله».
_OF_LONGER = (
    *("ه", "ست", "س", "اش", "ات", "ان", "ام", "ت", "ن", "ند", "ین", "ید", "یم", "د", "ده", "اند"),
    *("نند", "نده", "مو", "شو", "تو", "ایی", "هم", "هست", "شده", "دن", "ندن", "دین", "دید", "دم"),
    *("دیم", "نه", "نن", "ونه", "انه", "یش", "یمان", "یشان", "ته", "تن", "تند", "گان", "ونو", "ها"),
)
# «کوچه» → «کوچمون»: the last letter is not said.
_OF_DROPPED = ("مون", "تون", "شون", "م", "ش", "س", "مونو", "شو", "مو", "تونو", "شونو", "ت")
_LATIN = (
    *("e", "ie", "i", "o", "ro", "ha", "hai", "haie", "haro", "hash", "hamon", "a", "aie", "am"),
    *(
        "em",
        "et",
        "at",
        "esh",
        "ash",
        "emon",
        "amon",
        "mon",
        "eton",
        "eshon",
        "h",
        "ea",
        "eha",
        "s",
    ),
    *("es", "n", "en", "an", "and", "id", "im", "in", "d", "ed", "ast", "m", "sh", "ing", "aro"),
    *("ashon", "shon", "ton", "mono", "emono", "iam", "iha"),
)
_ENDINGS: Mapping[Kind, frozenset[str]] = {
    "persian": frozenset(("", *_PLURALS, *_POSSESSIVES, *_OF_LONGER)),
    "short": frozenset(("", *_PLURALS, *_POSSESSIVES)),
    "dropped": frozenset(_OF_DROPPED),
    "latin": frozenset(("", *_LATIN)),
}
_ENDING_MAX = max(len(ending) for endings in _ENDINGS.values() for ending in endings)
_LONG = 4
# What is written with ā is often said with ū: «خیابان», «خیابون»; «خانه», «خونه».
_SAID_OTHERWISE = (("ان", "ون"), ("انه", "ونه"), ("an", "on"), ("ane", "one"), ("am", "om"))


def bases(word: str) -> Iterator[tuple[str, Kind]]:
    """What is left of a word before its endings, and which endings may follow."""
    for said in (word, *_other_sayings(word)):
        if said.isascii():
            yield said, "latin"
            if len(said) >= _LONG and said.endswith("e"):
                yield said[:-1], "latin"
        elif len(said) < _LONG:
            yield said, "short"
        else:
            yield said, "persian"
            if said.endswith("ه"):
                yield said[:-1], "dropped"


def readings(token: str) -> Iterator[tuple[str, str]]:
    """A token parted into a base and an ending, the shortest ending first."""
    for length in range(min(_ENDING_MAX, len(token) - 2) + 1):
        yield token[: len(token) - length], token[len(token) - length :]


def fits(ending: str, kind: Kind) -> bool:
    """Whether a base of this kind may have the ending."""
    return ending in _ENDINGS[kind]


def is_form(token: str, word: str) -> bool:
    """Whether the token may be a form of the word."""
    kinds = dict(bases(word))
    return any(base in kinds and fits(ending, kinds[base]) for base, ending in readings(token))


def spellings(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A phrase with its words apart and joined: «سرعت گیر», «سرعتگیر»."""
    for gaps in product((" ", ""), repeat=len(words) - 1):
        joined = "".join(word + gap for word, gap in zip(words, (*gaps, ""), strict=True))
        yield tuple(joined.split())


def _other_sayings(word: str) -> Iterator[str]:
    for written, said in _SAID_OTHERWISE:
        if len(word) > _LONG and word.endswith(written):
            yield word.removesuffix(written) + said
