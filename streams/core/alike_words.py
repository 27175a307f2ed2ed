"""Why two cases are taken for the same, in the words of their city."""

from dataclasses import dataclass

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeWords:
    """Sentences in braces: how far or where, of the earlier case or of one that follows it."""

    sentence: str
    metres: str
    metres_from_another: str
    address: str
    address_of_another: str
    at_once: str
    later: str
    units: tuple[str, str, str, str]
    plural: str = ""
    persian_digits: bool = False

    def because(self, metres: int | None, seconds: int, *, through_another: bool) -> str:
        """Without metres, it is the address that is the same."""
        if metres is None:
            where = self.address_of_another if through_another else self.address
        else:
            where = self.metres_from_another if through_another else self.metres
        said = self.sentence.format(where=where.format(metres=metres), later=self._later(seconds))
        return said.translate(_PERSIAN_DIGITS) if self.persian_digits else said

    def _later(self, seconds: int) -> str:
        if seconds < 1:
            return self.at_once
        sizes = (1, _MINUTE, _HOUR, _DAY)
        largest = max(number for number, size in enumerate(sizes) if size <= seconds)
        count = seconds // sizes[largest]
        unit = self.units[largest] + (self.plural if count > 1 else "")
        return self.later.format(count=count, unit=unit)


ENGLISH = AlikeWords(
    sentence="same subject, {where}, {later}",
    metres="{metres} m away",
    metres_from_another="{metres} m from another report of it",
    address="same address",
    address_of_another="same address as another report of it",
    at_once="in the same second",
    later="{count} {unit} later",
    units=("second", "minute", "hour", "day"),
    plural="s",
)
PERSIAN = AlikeWords(
    sentence="همان موضوع، {where}، {later}",
    metres="در {metres} متری",
    metres_from_another="در {metres} متری گزارش دیگری از آن",
    address="همان نشانی",
    address_of_another="نشانی گزارش دیگری از آن",
    at_once="در همان ثانیه",
    later="{count} {unit} بعد",
    units=("ثانیه", "دقیقه", "ساعت", "روز"),
    persian_digits=True,
)
