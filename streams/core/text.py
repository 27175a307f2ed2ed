"""Persian text in one form, so that the same words are the same however they were typed.

`normalise` keeps what a reader sees; `tokens` goes further, for finding and for comparing.
"""

import re
import unicodedata

ZWNJ = "\u200c"

_LETTERS = {
    "ي": "ی",
    "ى": "ی",
    "ې": "ی",
    "ے": "ی",
    "ك": "ک",
    "ڪ": "ک",
    "ھ": "ه",
    "ہ": "ه",
    "ە": "ه",
}
_DIGITS = {chr(base + digit): str(digit) for base in (ord("٠"), ord("۰")) for digit in range(10)}
# Vowel marks, tatweel, and what steers direction or joining and is never seen.
_UNSEEN = (
    "".join(map(chr, [*range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06EE)]))
    + "\u0640\u00ad\u200b\u200d\u200e\u200f\u061c\u2060\ufeff"
    + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
)
_AS_SEEN = str.maketrans({**_LETTERS, **_DIGITS, **dict.fromkeys(_UNSEEN)})
_AS_HEARD = str.maketrans(
    {"آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ی", "ة": "ه", "ۀ": "ه", "ء": None}
)

_HALF_SPACES = re.compile(f"{ZWNJ}{{2,}}")
_LOOSE_HALF_SPACE = re.compile(rf"(?<=\s){ZWNJ}|{ZWNJ}(?=\s)")
_SPACES = re.compile(r"\s+")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_TOKEN = re.compile(r"[^\W_]+")

_LATIN_SOUNDS = (
    ("q", "gh"),
    ("w", "v"),
    ("ou", "o"),
    ("oo", "o"),
    ("u", "o"),
    ("ee", "i"),
    ("ey", "ei"),
    ("y", "i"),
    ("aa", "a"),
)
_DOUBLED = re.compile(r"(.)\1")
_KEYS = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,\\",
    "ضصثقفغعهخحجچشسیبلاتنمکگظطزرذدئوپ",
)


def normalise(text: str) -> str:
    """Persian letters, ASCII digits, no vowel marks or tatweel, single spaces and half-spaces."""
    seen = unicodedata.normalize("NFKC", text).translate(_AS_SEEN)
    seen = _HALF_SPACES.sub(ZWNJ, seen)
    seen = _LOOSE_HALF_SPACE.sub("", seen)
    return _SPACES.sub(" ", seen).strip(" " + ZWNJ)


def tokens(text: str) -> list[str]:
    """Words to compare: letters that sound alike are one, a half-space parts, case is gone."""
    heard = normalise(text).casefold().translate(_AS_HEARD)
    heard = _DRAWN_OUT.sub(r"\1", heard)
    return [sounded(token) if token.isascii() else token for token in _TOKEN.findall(heard)]


def sounded(latin: str) -> str:
    """Persian in Latin letters, by its sound: there is no rule, so each writes it their own way."""
    for written, sound in _LATIN_SOUNDS:
        latin = latin.replace(written, sound)
    latin = _DOUBLED.sub(r"\1", latin)
    return latin[:-1] if len(latin) > 3 and latin.endswith("eh") else latin  # noqa: PLR2004


def typed_on_persian_keys(text: str) -> str:
    """What the same keys give on a Persian keyboard: the layout was not switched."""
    return text.casefold().translate(_KEYS)
