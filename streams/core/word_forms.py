"""The forms in which a word of the policy occurs in a message."""

from collections.abc import Iterator
from itertools import product

_PLURALS = (
    "ها", "های", "هایی", "هام", "هات", "هاش", "هامون", "هاتون", "هاشون", "هایم", "هایت", "هایش",
    "هایمان", "هایتان", "هایشان", "هارو", "هاروو", "هاست", "هاس", "هان", "ا", "ای", "امون", "اشون",
)  # fmt: skip
_POSSESSIVES = ("م", "ش", "مون", "تون", "شون", "مان", "تان", "شان", "ی", "یه", "و", "رو")
# Shorter words would meet others with these: «جو» and «جوان», «پل» and «پله».
_LONG_ENDINGS = (
    "ه", "ست", "س", "اش", "ات", "ان", "ام", "ت", "ن", "ند", "ین", "ید", "یم", "م", "د", "ده", "اند",
    "هاند", "نند", "نده", "یی", "یم", "مو", "شو", "تو", "ای", "ایی", "هم", "هس", "هست", "شده",
    "دن", "ندن", "دین", "دید", "دم", "دیم", "نه", "نن", "ونه", "انه", "ید", "یش", "یمان", "یشان",
)  # fmt: skip
_LATIN_ENDINGS = (
    "e", "ie", "i", "o", "ro", "ha", "hai", "haie", "haro", "hash", "hamon", "a", "aie", "am", "em",
    "et", "at", "esh", "ash", "emon", "amon", "mon", "eton", "eshon", "h", "ea", "eha", "s", "es",
    "n", "en", "an", "and", "id", "im", "in", "d", "ed", "ast", "eh", "m", "sh",
)  # fmt: skip
_LONG = 4


def forms(word: str) -> Iterator[str]:
    """The word itself first, then with its endings; the more certain come first."""
    yield word
    if word.isascii():
        endings: tuple[str, ...] = _LATIN_ENDINGS
    elif len(word) < _LONG:
        endings = _PLURALS + _POSSESSIVES
    else:
        endings = _PLURALS + _POSSESSIVES + _LONG_ENDINGS
    for ending in endings:
        yield word + ending


def spellings(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A phrase with its words apart and joined: «سرعت گیر», «سرعتگیر»."""
    for gaps in product((" ", ""), repeat=len(words) - 1):
        joined = "".join(word + gap for word, gap in zip(words, (*gaps, ""), strict=True))
        yield tuple(joined.split())
