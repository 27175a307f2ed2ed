"""The words and numbers of the watching screen, in Persian and in English."""

from collections.abc import Mapping
from typing import Literal

from persiantools import digits

Language = Literal["fa", "en"]
Words = Mapping[str, str]

UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
AT_LEAST = 2
UNKNOWN = "?"


def number(value: float | None, language: Language) -> str:
    return UNKNOWN if value is None else digits_of(f"{round(value):,}", language)


def span(seconds: float | None, language: Language) -> str:
    """A length of time as one says it, in the largest unit that is in it at least twice."""
    if seconds is None:
        return UNKNOWN
    length, name = next((one for one in UNITS if seconds >= AT_LEAST * one[0]), (1, "seconds"))
    return f"{number(seconds // length, language)} {WORDS[language][name]}"


def digits_of(text: str, language: Language) -> str:
    return digits.en_to_fa(text).replace(",", "٬") if language == "fa" else text


WORDS: Mapping[Language, Words] = {
    "en": {
        # The first row has the titles of the operations wall's.
        "open_cases": "Open cases",
        "overdue_promises": "Overdue promises",
        "urgent_and_overdue": "Urgent and overdue",
        "due_within_an_hour": "Due within an hour",
        "at_the_137_centre": "At the 137 centre",
        "line_blocked_for": "Line blocked for",
        "open_gaps": "open gaps",
        "parked_deliveries": "parked deliveries",
        "held_notices": "held notices",
        "look": "look",
        "act": "act now",
        "unknown": "unknown",
        "a_minute": "in a minute",
        "accepted": "accepted",
        "refused": "refused",
        "unavailable": "unavailable",
        "delivered": "delivered",
        "not_taken": "not taken",
        "set_aside": "set aside",
        "answer": "processes answer",
        "of": "of",
        "process": "process",
        "address": "address",
        "condition": "condition",
        "ill": "ill",
        "down": "down",
        "wrong": "what is wrong",
        "department": "department",
        "open": "open",
        "overdue": "overdue",
        "urgent": "urgent",
        "due": "due in 1 h",
        "oldest": "oldest open",
        "none_late": "no department has anything overdue or due within an hour",
        "none_known": "nothing is known of the departments: the accountant shows it",
        "consumer": "who is behind",
        "source": "where it waits",
        "messages": "records",
        "since": "for",
        "none_waits": "nothing waits",
        "lag_unknown": "nothing is known of what waits: the accountant shows it",
        "more": "more",
        "days": "days",
        "hours": "hours",
        "minutes": "min",
        "seconds": "s",
    },
    "fa": {
        "open_cases": "موردهای باز",
        "overdue_promises": "تعهدهای گذشته از مهلت",
        "urgent_and_overdue": "فوری و گذشته از مهلت",
        "due_within_an_hour": "مهلت تا یک ساعت دیگر",
        "at_the_137_centre": "نزد مرکز ۱۳۷",
        "line_blocked_for": "خط بسته است از",
        "open_gaps": "جاافتادگی جبران‌نشده",
        "parked_deliveries": "تحویل در انتظار",
        "held_notices": "اعلان نگه‌داشته",
        "look": "نگاه کنید",
        "act": "اقدام فوری",
        "unknown": "نامعلوم",
        "a_minute": "در یک دقیقه",
        "accepted": "پذیرفته",
        "refused": "نپذیرفته",
        "unavailable": "بی‌پاسخ",
        "delivered": "تحویل‌شده",
        "not_taken": "تحویل‌نگرفته",
        "set_aside": "کنارگذاشته",
        "answer": "پردازه پاسخ می‌دهند",
        "of": "از",
        "process": "پردازه",
        "address": "نشانی",
        "condition": "حال",
        "ill": "ناخوش",
        "down": "خاموش",
        "wrong": "چه شده",
        "department": "واحد",
        "open": "باز",
        "overdue": "گذشته",
        "urgent": "فوری",
        "due": "تا یک ساعت دیگر",
        "oldest": "کهنه‌ترین",
        "none_late": "هیچ واحدی کار گذشته از مهلت یا نزدیک به مهلت ندارد",
        "none_known": "از واحدها خبری نیست: حسابدار آن را نشان می‌دهد",
        "consumer": "که عقب است",
        "source": "کجا مانده",
        "messages": "پیام",
        "since": "از",
        "none_waits": "چیزی در انتظار نیست",
        "lag_unknown": "از آنچه در انتظار است خبری نیست: حسابدار آن را نشان می‌دهد",
        "more": "دیگر",
        "days": "روز",
        "hours": "ساعت",
        "minutes": "دقیقه",
        "seconds": "ثانیه",
        # What may be wrong with a process, where it is we who say it.
        "nobody listens": "کسی گوش نمی‌دهد",
        "does not answer": "پاسخ نمی‌دهد",
        "answers, but not with metrics": "پاسخ می‌دهد، ولی نه با سنجه‌ها",
        "has no address": "نشانی ندارد",
        "its instance does not run": "سامانه‌اش کار نمی‌کند",
        "has ended, and is started again": "پایان یافت و دوباره آغاز می‌شود",
    },
}
