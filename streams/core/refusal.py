"""Why a fact has no effect on its case: a code, and a sentence in Persian and in English."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

RefusalCode = Literal[
    "announced-already",
    "cause-refused",
    "clock-state",
    "confirmed-already",
    "deadline-replaced",
    "does-not-wait",
    "early",
    "erased-already",
    "follows-another",
    "follows-itself",
    "full",
    "key-taken",
    "moved-on",
    "never-silent",
    "no-department-yet",
    "no-such-case",
    "no-such-step",
    "no-such-warning",
    "not-earlier",
    "not-escalated",
    "not-permitted",
    "not-shown",
    "not-theirs",
    "of-the-past",
    "other-breach",
    "other-closing",
    "other-deadline",
    "other-department",
    "other-municipality",
    "other-pause",
    "pause-ends",
    "promised-by-none",
    "seen-already",
    "stands-still",
    "state",
    "unknown-body",
    "unknown-category",
    "unknown-department",
    "verdict-given",
    "waits-already",
    "window-over",
    "with-already",
]
CODES: tuple[RefusalCode, ...] = get_args(RefusalCode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A reason by its code, and what the sentence names, in order."""

    code: RefusalCode
    given: tuple[tuple[str, str], ...] = ()

    @property
    def english(self) -> str:
        return SENTENCES[self.code].english.format(**dict(self.given))

    @property
    def persian(self) -> str:
        named = {name: PERSIAN_WORDS.get(value, value) for name, value in self.given}
        return SENTENCES[self.code].persian.format(**named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One reason in both languages, with what it names in braces."""

    english: str
    persian: str


def refused_for(code: RefusalCode, **given: str | int | datetime) -> Refusal:
    """The reason, with what its sentence names; moments stand in ISO 8601."""
    written = tuple(
        (name, value.isoformat() if isinstance(value, datetime) else str(value))
        for name, value in given.items()
    )
    return Refusal(code=code, given=written)


def written(refusal: Refusal) -> str:
    """The reason as it is kept beside the fact: JSON, by its code and what its sentence names."""
    return json.dumps({"code": refusal.code, "given": dict(refusal.given)}, ensure_ascii=False)


def read(text: str) -> Refusal | None:
    """The reason that was written so; none of a code that is not known here."""
    kept = json.loads(text)
    for code in CODES:
        if code == kept["code"]:
            return Refusal(code=code, given=tuple(kept["given"].items()))
    return None


def _both(english: str, persian: str) -> Sentence:
    return Sentence(english=english, persian=persian)


SENTENCES: Mapping[RefusalCode, Sentence] = {
    "announced-already": _both("it was announced already", "پیش‌تر اعلام شده است"),
    "cause-refused": _both(
        "what it rests on was refused, or is not here",
        "آنچه مبنای آن است پذیرفته نشده یا اینجا نیست",
    ),
    "clock-state": _both("the clock is {clock}", "این مهلت {clock} است"),
    "confirmed-already": _both(
        "the citizen has confirmed it already", "شهروند پیش‌تر آن را تأیید کرده است"
    ),
    "deadline-replaced": _both(
        "the deadline that it replaces is not the case's any more",
        "مهلتی که باید جایگزین شود دیگر مهلت این مورد نیست",
    ),
    "does-not-wait": _both("the case does not wait", "این مورد در انتظار نیست"),
    "early": _both("it is early: due at {due}", "زود است: موعد آن {due} است"),
    "erased-already": _both("it is erased already", "پیش‌تر پاک شده است"),
    "follows-another": _both("the case follows another", "این مورد پیرو مورد دیگری است"),
    "follows-itself": _both("a case does not follow itself", "مورد نمی‌تواند پیرو خودش باشد"),
    "full": _both("the case already has {count} facts", "این مورد {count} رویداد دارد و پر است"),
    "key-taken": _both(
        "another message has this key already, with other content",
        "پیام دیگری با محتوای دیگر پیش‌تر با همین کلید آمده است",
    ),
    "moved-on": _both(
        "the case has moved on: it is at version {version}, not {given}",
        "این مورد تغییر کرده است: نسخهٔ آن {version} است، نه {given}",
    ),
    "never-silent": _both(
        "nobody waits for the citizen's word on that closing",
        "برای این بستن، کسی منتظر نظر شهروند نیست",
    ),
    "no-department-yet": _both(
        "the case has no department yet", "این مورد هنوز به هیچ واحدی نرسیده است"
    ),
    "no-such-case": _both("there is no such case", "چنین موردی نیست"),
    "no-such-step": _both("that deadline has no such step", "این مهلت چنین پله‌ای ندارد"),
    "no-such-warning": _both("that deadline has no such warning", "این مهلت چنین هشداری ندارد"),
    "not-earlier": _both(
        "only an earlier case is followed", "هر مورد تنها می‌تواند پیرو مورد پیش از خود باشد"
    ),
    "not-escalated": _both(
        "nothing of the case was escalated to the {role}",
        "چیزی از این مورد به {role} ارجاع نشده است",
    ),
    "not-permitted": _both(
        "of this case, “{deed}” is not for the {role} to say",
        "{role} اجازهٔ ثبت «{deed}» را برای این مورد ندارد",
    ),
    "not-shown": _both(
        "its category demands as evidence: {missing}",
        "این موضوع بدون این مدرک بسته نمی‌شود: {missing}",
    ),
    "not-theirs": _both("another channel brought the case", "این مورد از درگاه دیگری رسیده است"),
    "of-the-past": _both(
        "nobody is told of another system's past",
        "دربارهٔ گذشتهٔ سامانه‌ای دیگر به کسی خبر داده نمی‌شود",
    ),
    "other-breach": _both(
        "that breach is not of the deadline that the case has",
        "آن تأخیر از مهلت کنونی این مورد نیست",
    ),
    "other-closing": _both(
        "the case is open, or was closed otherwise since",
        "این مورد باز است یا پس از آن به گونهٔ دیگری بسته شده است",
    ),
    "other-deadline": _both("that deadline is not the case's", "این مهلت از آنِ این مورد نیست"),
    "other-department": _both("the case belongs to {department}", "این مورد نزد {department} است"),
    "other-municipality": _both(
        "the case belongs to {municipality}", "این مورد از آنِ {municipality} است"
    ),
    "other-pause": _both(
        "the case does not wait, or not for that", "این مورد در انتظار نیست یا در انتظار آن نیست"
    ),
    "pause-ends": _both("the pause ends at {until}", "پایان درنگ {until} است"),
    "promised-by-none": _both(
        "working time is promised by no policy",
        "مهلت به وقت اداری را هیچ سیاستی وعده نداده است",
    ),
    "seen-already": _both("the {role} has seen it already", "{role} پیش‌تر آن را دیده است"),
    "stands-still": _both("the clock stands still", "این مهلت متوقف است"),
    "state": _both("the case is {state}", "این مورد {state} است"),
    "unknown-body": _both("the policy has no such body", "چنین دستگاهی در سیاست شهر نیست"),
    "unknown-category": _both("the policy has no such category", "چنین موضوعی در سیاست شهر نیست"),
    "unknown-department": _both(
        "the policy has no such department", "چنین واحدی در سیاست شهر نیست"
    ),
    "verdict-given": _both(
        "the citizen has given a verdict: {verdict}", "شهروند نظر داده است: {verdict}"
    ),
    "waits-already": _both(
        "the case waits already, until {until}", "این مورد هم‌اکنون در انتظار است، تا {until}"
    ),
    "window-over": _both(
        "the time to dispute it was over at {until}", "زمان اعتراض در {until} به پایان رسیده است"
    ),
    "with-already": _both("the case is with {department}", "این مورد نزد {department} است"),
}

PERSIAN_WORDS: Mapping[str, str] = {
    "unknown": "ناشناخته",
    "submitted": "ثبت‌شده",
    "routed": "نزد واحد",
    "acknowledged": "پذیرفته‌شده",
    "started": "در دست اقدام",
    "handed-over": "واگذارشده به دستگاه دیگر",
    "resolved": "انجام‌شده",
    "closed": "بسته‌شده بدون اقدام",
    "linked": "پیرو مورد دیگر",
    "running": "در جریان",
    "paused": "متوقف",
    "breached": "گذشته",
    "met": "رعایت‌شده",
    "missed": "رعایت‌نشده",
    "operator": "کارشناس ۱۳۷",
    "member": "کارمند واحد",
    "head": "رئیس واحد",
    "deputy": "معاون",
    "mayor": "شهردار",
    "auditor": "بازرس",
    "administrator": "مدیر سامانه",
    "channel": "درگاه",
    "citizen": "شهروند",
    "resumed": "ادامه",
    "information-requested": "پرسش از شهروند",
    "information-received": "پاسخ شهروند",
    "transfer-requested": "ارجاع به واحد دیگر",
    "reopened": "بازگشایی",
    "unlinked": "جدا شدن از مورد دیگر",
    "reclassified": "تغییر موضوع",
    "closed-without-action": "بستن بدون اقدام",
    "noted": "یادداشت",
    "handed-over-answered": "پاسخ دستگاه دیگر",
    "split": "تفکیک",
    "confirmed": "تأیید",
    "disputed": "اعتراض",
    "undisputed": "بدون اعتراض",
    "rated": "امتیاز",
    "escalation-seen": "دیدن ارجاع به مافوق",
    "note": "شرح",
    "photo": "عکس",
    "document": "سند",
}
"""What the sentences name, in Persian; ids of departments and moments stand as they are."""
