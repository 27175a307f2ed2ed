"""The page at the root: what this is, and a form to follow up a message, in Persian.

There is no script in it and nothing personal; the code goes in the body, so it stands in no log
of addresses.
"""

import html
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from persiantools import digits
from persiantools.jdatetime import JalaliDateTime

from schemas.vocabulary import STARS_MAX
from services.api.desk import ReadDesk
from services.api.routes import spend
from services.api.track import track
from services.http.problems import ProblemError

IRAN = ZoneInfo("Asia/Tehran")
FORM_BYTES_MAX = 1_000
HTML = "text/html; charset=utf-8"
CACHING = {"Cache-Control": "no-store"}
LINES_OF_TIME = "%Y/%m/%d %H:%M"

STATES = {
    "submitted": "دریافت شد",
    "routed": "به واحد مسئول ارجاع شد",
    "acknowledged": "واحد مسئول آن را دیده است",
    "started": "کار آغاز شده است",
    "handed-over": "به دستگاه دیگری واگذار شده است",
    "linked": "با موردی دیگر یکی است و همراه آن پیگیری می‌شود",
    "resolved": "واحد مسئول پایان کار را اعلام کرد",
    "closed": "بدون اقدام بسته شد",
}
STEPS = STATES | {
    "asked": "از شما پرسشی شد",
    "answered": "پاسخ شما رسید",
    "waiting": "کار موقتاً متوقف شد",
    "resumed": "کار از سر گرفته شد",
    "passed-on": "به واحد دیگری سپرده شد",
    "handed-over": "به دستگاه دیگری واگذار شد",
    "handed-over-answered": "آن دستگاه پاسخ داد",
    "split": "به چند مورد جداگانه تقسیم شد",
    "confirmed": "انجام آن را تأیید کردید",
    "disputed": "گفتید که انجام نشده است؛ دوباره باز شد",
    "undisputed": "در مهلت مقرر اعتراضی نرسید",
    "rated": "امتیاز شما ثبت شد",
    "unlinked": "جداگانه پیگیری می‌شود",
    "reopened": "دوباره باز شد",
}
VERDICTS = {
    "confirmed": "انجام آن را تأیید کردید",
    "disputed": "گفتید که انجام نشده است",
    "undisputed": "اعتراضی نرسید",
}
ANSWERS = {"accepted": "پذیرفته است", "done": "انجام داده است", "refused": "نپذیرفته است"}
MESSAGES = {"note": "پیام برای شما", "question": "پرسش از شما"}
CLOCKS = {"first-response": "نخستین پاسخ", "resolution": "پایان رسیدگی"}
CLOCK_STATES = {
    "running": "در جریان",
    "paused": "موقتاً متوقف؛ این زمان شمرده نمی‌شود",
    "linked": "همراه مورد دیگر",
    "breached": "تأخیر",
    "met": "در مهلت انجام شد",
    "missed": "پس از مهلت انجام شد",
}
REFUSALS = {
    404: "موردی با این کد پیدا نشد. اگر پیام همین حالا ثبت شده است، چند ثانیه بعد دوباره ببینید.",
    409: "این کد به بیش از یک مورد می‌خورد؛ لطفاً با ۱۳۷ تماس بگیرید.",
    429: "درخواست‌ها از این نشانی زیاد بود؛ کمی بعد دوباره ببینید.",
    503: "در این لحظه پاسخی در دست نیست؛ کمی بعد دوباره ببینید.",
}
ELSE_REFUSED = "این درخواست خوانده نشد."


def page_routes(desk: ReadDesk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def root() -> Response:
        return Response(_page(""), media_type=HTML, headers=CACHING)

    @routes.post("/", max_body_size=FORM_BYTES_MAX)
    async def follow(request: Request) -> Response:
        try:
            await spend(request, desk)
            code = _code(await request.body())
            shown = await track(desk.reads, desk.find_policy, code)
        except ProblemError as problem:
            words = REFUSALS.get(problem.status, ELSE_REFUSED)
            body = _page(f'<p class="note" role="status">{words}</p>')
            return Response(body, problem.status, problem.headers | CACHING, media_type=HTML)
        return Response(_page(_shown(shown)), media_type=HTML, headers=CACHING)

    @routes.get("/peygir.css")
    async def style() -> Response:
        return Response(STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return routes


def _code(raw: bytes) -> str:
    """The code of the form; what cannot be one is looked for in vain."""
    form = parse_qs(raw.decode("utf-8", "replace"))
    return form.get("code", [""])[0]


def _shown(case: dict[str, Any]) -> str:
    where = case["department"]
    rows: list[tuple[str, str]] = [("وضعیت", str(STATES.get(case["state"], case["state"])))]
    if where is not None:
        rows.append(("واحد مسئول", where["title_fa"] or where["id"]))
    if case["category"] is not None:
        rows.append(("موضوع", case["category"]["title_fa"] or case["category"]["id"]))
    if case["waiting"] is not None:
        rows.append(("در انتظار", _waiting(case["waiting"])))
    rows.extend(_judged(case))
    for clock in case["deadlines"]:
        words = f"{_time(clock['deadline'])} — {CLOCK_STATES[clock['state']]}"
        rows.append((f"مهلت {CLOCKS[clock['kind']]}", words))
    rows.extend((_step(step), _time(step["at"])) for step in case["steps"])
    rows.extend((MESSAGES[one["kind"]], one["text"]) for one in case["messages"])
    cells = (f"<dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd>" for name, words in rows)
    return f'<dl role="status">{"".join(cells)}</dl>'


def _judged(case: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What other cases and other bodies have to do with it, and what the citizen may say of it."""
    if case["first_tracking_code"] is not None:
        yield "همراه مورد دیگر با کد رهگیری", case["first_tracking_code"]
    if case["parts"]:
        yield "موردهای جداشده", "، ".join(case["parts"])
    body = case["handed_over"]
    if body is not None:
        words = body["title_fa"] or body["id"]
        answer = f" — {ANSWERS[body['answer']]}" if body["answer"] else ""
        yield "دستگاه دیگر", f"{words}{answer}"
    if case["dispute_until"] is not None:
        yield "مهلت اعتراض شما", _time(case["dispute_until"])
    if case["verdict"] is not None:
        yield "نظر شما", VERDICTS[case["verdict"]]
    if case["stars"] is not None:
        yield "امتیاز شما", digits.en_to_fa(f"{case['stars']} از {STARS_MAX}") or ""


def _waiting(waiting: dict[str, Any]) -> str:
    """Why, and until when at the longest; no clock goes on before."""
    return f"{_reason(waiting)} — دست بالا تا {_time(waiting['until'])}"


def _step(step: dict[str, Any]) -> str:
    words = STEPS[step["step"]]
    return words if step["reason"] is None else f"{words} ({_reason(step)})"


def _reason(of: dict[str, Any]) -> str:
    return of["reason"]["title_fa"] or of["reason"]["id"]


def _time(moment: str) -> str:
    local = JalaliDateTime(datetime.fromisoformat(moment).astimezone(IRAN))
    return digits.en_to_fa(local.strftime(LINES_OF_TIME)) or moment


def _page(answer: str) -> str:
    return PAGE.replace("ANSWER", answer)


PAGE = """<!doctype html>
<html lang="fa" dir="rtl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>پیگیر — پیگیری پیام‌های ۱۳۷</title>
<link rel="stylesheet" href="/peygir.css">
</head>
<body>
<main>
<h1>پیگیر</h1>
<p>پیام‌های سامانهٔ ۱۳۷ شهرداری همین‌جا ثبت، و بی‌درنگ به واحد مسئول فرستاده می‌شود؛ هر پیام مهلت
دارد و تا پایان پیگیری می‌شود.</p>
<form method="post" action="/">
<label for="code">کد رهگیری</label>
<input id="code" name="code" inputmode="numeric" autocomplete="off" required dir="ltr"
 maxlength="40" placeholder="12345-67890-12345">
<button>پیگیری</button>
</form>
ANSWER
<p class="links">
<a href="/api/v1/openapi.json">API</a> · <a href="/readyz">وضعیت سامانه</a>
</p>
</main>
</body>
</html>
"""

STYLE = """
:root { color-scheme: light dark; font-family: Vazirmatn, Tahoma, sans-serif; line-height: 1.9 }
main { max-width: 38rem; margin: 3rem auto; padding: 0 1rem }
form { display: grid; gap: .5rem; margin: 2rem 0 }
input, button { font: inherit; padding: .6rem .8rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1rem }
dt { font-weight: bold }
dd { margin: 0 }
.note { border-inline-start: .3rem solid; padding-inline-start: .8rem }
.links { margin-top: 3rem }
"""
