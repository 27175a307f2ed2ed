"""How a classification is explained, in the language of the municipality."""

from dataclasses import dataclass

from schemas.policy import CategoryPolicy, DepartmentPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """The sentences, with what they are filled with in braces."""

    language: str
    decided: str
    chosen: str
    nothing: str
    weak: str
    disagree: str
    there: str

    def title(self, named: CategoryPolicy | DepartmentPolicy) -> str:
        """The title of a category or department in this language."""
        return named.title_fa if self.language == "fa" else named.title_en


_PERSIAN = Reasons(
    language="fa",
    decided="واژه‌های {words} موضوع «{title}» را نشان داد",
    chosen="گزارش‌دهنده موضوع «{title}» را برگزید",
    nothing="به مرکز ۱۳۷: هیچ واژه‌ای موضوع را نشان نداد",
    weak="به مرکز ۱۳۷: واژه‌های {words} برای تشخیص موضوع کافی نبود",
    disagree="به مرکز ۱۳۷: واژه‌های {words} هم به «{one}» می‌خورد و هم به «{other}»",
    there="{reason}؛ در این منطقه با «{title}» است",
)
_ENGLISH = Reasons(
    language="en",
    decided="the words {words} speak for “{title}”",
    chosen="the reporter chose “{title}”",
    nothing="to the 137 centre: no word says what it is about",
    weak="to the 137 centre: the words {words} are not enough to tell",
    disagree="to the 137 centre: the words {words} fit “{one}” as well as “{other}”",
    there="{reason}; in this district it is “{title}”’s",
)


def reasons_in(language: str) -> Reasons:
    """Persian for a Persian-speaking municipality, else English."""
    return _PERSIAN if language == "fa" else _ENGLISH
