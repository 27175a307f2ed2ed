"""Cases as they are compared, and a policy that says when two of them are the same."""

from dataclasses import replace
from datetime import datetime

from schemas.policy import Budget, DuplicatePolicy
from schemas.vocabulary import CaseId, Category
from streams.core.duplicates import Compared, address_words
from streams.core.nearness import Spot
from streams.core.terms import Terms, terms
from tests.builders import CITY, NOON
from tests.policies import policy

HERE = Spot(lat=35.9621, lon=50.6789)
RULE = DuplicatePolicy(
    metres_max=60, within=Budget(seconds=3 * 86_400, working_time=False), settling_seconds=20
)


def ruled(rule: DuplicatePolicy | None = RULE, *, language: str = "en") -> Terms:
    return terms(replace(policy(), duplicates=rule, language=language))


def compared(
    name: str,
    *,
    at: datetime = NOON,
    spot: Spot | None = HERE,
    address: str | None = None,
    category: str = "GRN-02",
) -> Compared:
    return Compared(
        case_id=CaseId(name),
        recorded_at=at,
        municipality=CITY,
        category=Category(category),
        state="routed",
        spot=spot,
        address=address_words(address),
    )


def north_of(spot: Spot, metres: float) -> Spot:
    return Spot(lat=spot.lat + metres / 111_195.0, lon=spot.lon)
