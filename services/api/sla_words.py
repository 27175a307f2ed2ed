"""What a clock did, in Persian and in English: titles, reasons, durations, local time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from persiantools import digits
from persiantools.jdatetime import JalaliDateTime

from schemas.policy import Policy
from schemas.vocabulary import PauseReason
from streams.core.explaining import Stretch
from streams.core.retelling import Wait

Language = Literal["fa", "en"]
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language, a zone to tell the time of, and what the policy calls its pauses."""

    language: Language
    zone: ZoneInfo
    pauses: Mapping[PauseReason, str]

    def of(self, words: Mapping[str, tuple[str, str]], name: str) -> str:
        persian, english = words.get(name, (name, name))
        return persian if self.language == "fa" else english

    def moment(self, at: datetime) -> str:
        """As a wall clock of the municipality shows it."""
        local = at.astimezone(self.zone)
        if self.language == "en":
            return f"{local:%a %d %b %Y %H:%M:%S}"
        jalali = JalaliDateTime(local, locale="fa")
        return str(digits.en_to_fa(jalali.strftime("%A %d %B %Y، %H:%M:%S")))

    def duration(self, time: timedelta) -> str:
        """Hours, minutes and whole seconds."""
        seconds = abs(time) // _SECOND
        clock = f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return str(digits.en_to_fa(clock)) if self.language == "fa" else clock

    def stretch(self, one: Stretch) -> str:
        """Why it counted, or did not."""
        words = self.of(_WHY, one.why)
        if one.wait is not None:
            return f"{words}: {self._wait(one.wait)}"
        if one.reason:
            words = f"{words}: {one.reason}"
        return f"{words} ({self.of(_ESTIMATED, 'estimated')})" if one.estimated else words

    def _wait(self, wait: Wait) -> str:
        why = self.pauses.get(wait.why, wait.why)
        if wait.ended_by is None:
            return f"{why} ({self.of(_ENDED, 'not-yet')} {self.moment(wait.until)})"
        ended = self.of(_ENDED, wait.ended_by)
        return f"{why} ({ended}; {wait.ended_author})" if wait.ended_author else f"{why} ({ended})"

    def budget(self, seconds: int, *, working_time: bool) -> str:
        kind = self.of(BUDGETS, "working-time" if working_time else "round-the-clock")
        return f"{self.duration(timedelta(seconds=seconds))} {kind}"

    def left(self, left: timedelta) -> str:
        late = left < timedelta()
        return f"{self.of(LEFT, 'late' if late else 'left')} {self.duration(left)}"


def words_of(language: Language | None, policies: Iterable[Policy], now: datetime) -> Words:
    """In the language that is asked for, else in the municipality's own.

    `policies`: all its versions, oldest first. A pause has its latest title, whichever version
    still allows it.
    """
    every = list(policies)
    policy = next((one for one in reversed(every) if one.since <= now), None)
    own: Language = "fa" if policy is not None and policy.language == "fa" else "en"
    spoken = language or own
    pauses = {one.reason: one for version in every for one in version.pauses}
    return Words(
        language=spoken,
        zone=ZoneInfo(policy.zone if policy is not None else "UTC"),
        pauses={
            reason: one.title_fa if spoken == "fa" else one.title_en
            for reason, one in pauses.items()
        },
    )


CLOCKS = {
    "first-response": ("پاسخ نخست", "first response"),
    "resolution": ("رفع مشکل", "resolution"),
    "holding": ("نگهداری نزد واحد", "holding"),
}
STATES = {
    "running": ("در جریان", "running"),
    "paused": ("متوقف", "paused"),
    "breached": ("با تأخیر", "breached"),
    "met": ("در مهلت انجام شد", "met"),
    "missed": ("پس از مهلت انجام شد", "missed"),
    "linked": ("پیرو مورد دیگر", "linked"),
}
BUDGETS = {
    "working-time": ("ساعت کاری", "of working time"),
    "round-the-clock": ("شبانه‌روزی", "round the clock"),
}
LEFT = {"left": ("مانده", "left"), "late": ("تأخیر", "late by")}
_WHY = {
    "round-the-clock": ("شبانه‌روزی", "round the clock"),
    "working-hours": ("ساعت کاری", "working hours"),
    "other-hours": ("ساعت کاری ویژهٔ این روز", "other hours of this date"),
    "outside-hours": ("خارج از ساعت کاری", "outside working hours"),
    "free-weekday": ("تعطیل هفتگی", "closed on this day of the week"),
    "holiday": ("تعطیل", "closed"),
    "closed-annually": ("تعطیل هر سال", "closed every year"),
    "closed": ("تعطیلی این روز", "closed on this date"),
    "paused": ("توقف", "paused"),
    "days-joined": (
        "چند روز با هم؛ تنها ساعت کاری آن‌ها شمرده می‌شود",
        "several days; only their working hours count",
    ),
    "after-the-stop": ("پس از پایان", "after the clock was stopped"),
}
_ESTIMATED = {"estimated": ("تخمینی", "estimated")}
_ENDED = {
    "not-yet": ("حداکثر تا", "at most until"),
    "by-itself": ("خودبه‌خود پایان یافت", "ended by itself"),
    "resumed": ("از سر گرفته شد", "resumed"),
    "information-received": ("پاسخ شهروند رسید", "the citizen answered"),
    "transfer-requested": ("به واحد دیگر رفت", "passed on to another department"),
    "linked": ("پیرو مورد دیگر شد", "linked to another case"),
    "handed-over": ("به دستگاه دیگر واگذار شد", "handed over to another body"),
    "handed-over-answered": ("دستگاه دیگر پاسخ داد", "the other body answered"),
    "resolved": ("پایان کار اعلام شد", "resolved"),
    "closed-without-action": ("بدون اقدام بسته شد", "closed without action"),
}
MOVES = {
    "routed": ("تعهد نخست", "promised"),
    "deadline-set": ("مهلت دیگری تعیین شد", "another deadline was set"),
    "reclassified": ("موضوع دیگری دارد", "it is about something else"),
    "reopened": ("بازگشایی شد", "reopened"),
    "disputed": ("شهروند گفت که انجام نشده است", "the citizen said that it was not done"),
    "paused": ("توقف", "paused"),
    "information-requested": ("از شهروند پرسیده شد", "the citizen was asked"),
    **{name: words for name, words in _ENDED.items() if name != "not-yet"},
}
