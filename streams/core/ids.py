"""Every id, derived from its cause, so that a repetition gives the same id again."""

import base64
import hashlib
import hmac
import re

from schemas.fact_parts import Source
from schemas.vocabulary import Author, CallDigest, CaseId, FactId, Municipality

CASE_ID_BYTES = 20
TRACKING_DIGITS = 14
TRACKING_GROUP = 5  # 12345-67890-12345: three groups are spoken and typed without losing one.
DIGEST_CHARACTERS = 16
PHONE_DIGITS = 10  # What is left of an Iranian number without its country code or its zero.
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_BETWEEN_DIGITS = re.compile(r"[\s\-\u2010-\u2015\u200c\u200e\u200f_.]+")


def case_id(secret: bytes, municipality: Municipality, author: Author, reference: str) -> CaseId:
    """The case of one author's message: its retry is the same case, nobody can guess another."""
    digest = _hmac(secret, "case", municipality, author, reference)
    return CaseId(base64.b32encode(digest[:CASE_ID_BYTES]).decode("ascii").lower())


def call_digest(secret: bytes, municipality: Municipality, call_id: str) -> CallDigest:
    """A call of a municipality's line; the line's own id of it, which may be a number, is gone."""
    digest = _hmac(secret, "call", municipality, call_id)
    return CallDigest(base64.b32encode(digest[:CASE_ID_BYTES]).decode("ascii").lower())


def tracking_code(secret: bytes, case: CaseId) -> str:
    """Fourteen digits and a check digit, by which a citizen asks for the case."""
    number = int.from_bytes(_hmac(secret, "tracking", case)) % 10**TRACKING_DIGITS
    digits = f"{number:0{TRACKING_DIGITS}d}"
    return digits + _luhn(digits)


def read_tracking_code(typed: str) -> str | None:
    """The code that somebody typed or spoke, in any digits and groups; none if it cannot be one."""
    digits = _BETWEEN_DIGITS.sub("", typed).translate(_DIGITS)
    well_formed = digits.isascii() and digits.isdigit() and len(digits) == TRACKING_DIGITS + 1
    return digits if well_formed and _luhn(digits[:-1]) == digits[-1] else None


def spoken(code: str) -> str:
    """The code in groups, as it is shown and read aloud."""
    return "-".join(
        code[start : start + TRACKING_GROUP] for start in range(0, len(code), TRACKING_GROUP)
    )


def content_digest(secret: bytes, content: bytes) -> str:
    """Tells a retry from another message under the same key, without telling what it says."""
    return _hmac(secret, "content", content.hex()).hex()[:DIGEST_CHARACTERS]


def phone_key(phone: str) -> str:
    """The digits by which two ways of writing one phone number are the same."""
    digits = phone.translate(_DIGITS)
    return "".join(char for char in digits if char in "0123456789")[-PHONE_DIGITS:]


def submitted_id(case: CaseId, digest: str) -> FactId:
    return FactId(f"{case}/{digest}/submitted")


def caused_by(cause: FactId, *steps: str) -> FactId:
    """The id of what follows from a fact: asked again, it is the same."""
    return FactId("/".join((cause, *steps)))


def progress_id(author: Author, reference: str | None, source: Source, did: str) -> FactId:
    """A report's id: the department's own reference, or else the place where it lay."""
    place = f"{source.inbox}-{source.generation}-{source.partition}-{source.offset}"
    return FactId(f"{author}/{reference or place}/{did}")


def replacing_id(case: CaseId, replaced: FactId, *steps: str) -> FactId:
    """The id of what is put in the place of something else; it grows no longer however often."""
    digest = hashlib.sha256(replaced.encode()).hexdigest()[:DIGEST_CHARACTERS]
    return FactId("/".join((case, digest, *steps)))


def _hmac(secret: bytes, purpose: str, *parts: str) -> bytes:
    # Each part carries its length, so that no two lists of parts read alike.
    message = "".join(f"{len(part)}:{part}" for part in (purpose, *parts))
    return hmac.new(secret, message.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _luhn(digits: str) -> str:
    """The Luhn check digit (ISO/IEC 7812-1): one wrong digit or most swaps are noticed."""
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits)))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)
