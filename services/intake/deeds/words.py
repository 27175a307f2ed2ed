"""What is said of a report that was not taken, in English and, for whoever reads it, in Persian."""

from collections.abc import Mapping
from http import HTTPStatus

from schemas.vocabulary import FactId
from services.http.problems import ProblemError
from services.intake.deeds.known import Judged
from streams.core.refusal import Refusal, RefusalCode

RETRY_AFTER_SECONDS = 2
SOON = {"Retry-After": "1"}
_STATUS: Mapping[RefusalCode, HTTPStatus] = {
    "moved-on": HTTPStatus.PRECONDITION_FAILED,
    "not-permitted": HTTPStatus.FORBIDDEN,
}
_UNSAID_FA = "این درخواست پذیرفته نشد."
_OF_KIND_FA: Mapping[str, str] = {
    "invalid": "این درخواست خوانا نیست؛ «errors» می‌گوید کجای آن.",
    "unreadable": "این درخواست خوانده نشد.",
    "not-found": "موردی با این کد پیدا نشد؛ اگر پیام همین حالا ثبت شده، کمی بعد دوباره بفرستید.",
    "several-municipalities": "این کد در بیش از یک شهرداری هست؛ نام شهرداری را هم بفرستید.",
    "ambiguous-code": "این کد به بیش از یک مورد می‌خورد؛ چند رقم آخر تلفن خود را هم بفرستید.",
    "rate-limited": "درخواست‌ها از این نشانی زیاد بود؛ کمی بعد دوباره بفرستید.",
    "unavailable": "این گفته ثبت نشد؛ کمی بعد دوباره بفرستید.",
}
_AT_FA: Mapping[str, str] = {
    "/tracking_code": "کد رهگیری درست نوشته نشده است.",
    "/phone_last_digits": "دست‌کم چهار رقم آخر تلفن خود را بفرستید.",
    "/did": "این کار از شهروند پذیرفته نیست.",
    "/note": "متن یادداشت خالی، ناخوانا یا بیش از اندازه بلند است.",
    "/stars": "امتیاز باید عددی از ۱ تا ۵ باشد.",
}


def problem_of(refusal: Refusal, **headers: str) -> ProblemError:
    """Why it has no effect, by its code, in both languages."""
    return ProblemError(
        _STATUS.get(refusal.code, HTTPStatus.CONFLICT),
        "refused",
        refusal.english,
        members={"code": refusal.code, "detail_fa": refusal.persian},
        headers=headers,
    )


def problem_of_judged(judged: Judged, fact_id: FactId, headers: Mapping[str, str]) -> ProblemError:
    """The fold's refusal; the fact is kept, without effect."""
    if judged.refusal is None:  # It was refused by a version of Peygir that gave no codes.
        problem = ProblemError(
            HTTPStatus.CONFLICT, "refused", "It has no effect.", members={"detail_fa": _UNSAID_FA}
        )
    else:
        problem = problem_of(judged.refusal)
    problem.members["fact_id"] = fact_id
    problem.headers |= headers
    return problem


def no_such_case() -> ProblemError:
    words = "There is no such case here; one that was accepted just now is known in a moment."
    return ProblemError(HTTPStatus.NOT_FOUND, "not-found", words, headers=SOON)


def no_grant() -> ProblemError:
    """For a caller that may see the case and is nobody in its municipality."""
    words = "This key is for reading: it has no role in the municipality of that case."
    fa = "این کلید تنها برای خواندن است و در شهرداری این مورد سمتی ندارد."
    members = {"code": "not-permitted", "detail_fa": fa}
    return ProblemError(HTTPStatus.FORBIDDEN, "refused", words, members=members)


def no_such_parent() -> ProblemError:
    """Whether another municipality has it is nobody's business here."""
    words = "the case to follow is not known in this municipality"
    fa = "موردی که باید پیرو آن شود در این شهرداری شناخته نیست"
    members = {"code": "no-such-case", "detail_fa": fa}
    return ProblemError(HTTPStatus.CONFLICT, "refused", words, members=members)


def several_parents() -> ProblemError:
    words = "more than one case of this municipality has that code: name it by its case id"
    fa = "در این شهرداری بیش از یک مورد این کد را دارد؛ شناسهٔ مورد را بفرستید"
    members = {"code": "no-such-case", "detail_fa": fa}
    return ProblemError(HTTPStatus.CONFLICT, "refused", words, members=members)


def ambiguous(*, several_municipalities: bool) -> ProblemError:
    """What else the citizen must say, since the code alone does not tell which case it is."""
    if several_municipalities:
        words, fa = "Say which `municipality`.", _OF_KIND_FA["several-municipalities"]
    else:
        words, fa = "Say the `phone_last_digits`.", _OF_KIND_FA["ambiguous-code"]
    words = f"More than one case has this code. {words}"
    members = {"detail_fa": fa}
    return ProblemError(HTTPStatus.CONFLICT, "ambiguous-code", words, members=members)


def with_persian(problem: ProblemError) -> ProblemError:
    """The same for a citizen, who reads it in Persian whatever it is."""
    if "detail_fa" not in problem.members:
        at = (_AT_FA[one.pointer] for one in problem.faults if one.pointer in _AT_FA)
        words = " ".join(dict.fromkeys(at)) or _OF_KIND_FA.get(problem.kind, _UNSAID_FA)
        problem.members["detail_fa"] = words
    return problem
