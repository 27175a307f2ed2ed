"""Values in their units as a person reads them, nearly as Grafana writes them."""

import math
from collections.abc import Callable, Mapping

NEARLY_ALL = 99  # Of a promise of 99.9 %, three digits would make 100 of 99.95.
MANY = 1_000
THOUSANDS = ((1e6, "M"), (1e3, "k"))
TIMES = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"), (0.001, "ms"))
ROUND_TIMES = (10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400)
BYTES = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def shown(value: float, unit: str) -> str:
    """For instance `1.5 min`, `12 %`, `3 /s`."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "no number"
    return _WRITERS[unit](value)


def rounded_up(value: float, unit: str) -> float:
    """The next value that an axis may end with; one, where there is nothing to measure."""
    if value <= 0:
        return 1
    if unit == "bytes":
        return 2 ** math.ceil(math.log2(value))
    if unit == "s" and ROUND_TIMES[0] / 2 < value <= ROUND_TIMES[-1]:
        return next(one for one in ROUND_TIMES if one >= value)
    ten = 10 ** math.floor(math.log10(value))
    return next(ten * one for one in (1, 2, 5, 10) if ten * one >= value)


def _short(value: float) -> str:
    return _scaled(value, THOUSANDS, "")


def _seconds(value: float) -> str:
    if 0 < abs(value) < TIMES[-1][0]:
        return f"{_digits(value / TIMES[-1][0])} ms"
    return _scaled(value, TIMES, "s")


def _share(value: float) -> str:
    return f"{_digits(100 * value)} %"


def _each_second(value: float) -> str:
    return f"{_short(value)} /s"


def _bytes(value: float) -> str:
    return _scaled(value, BYTES, "B")


def _scaled(value: float, steps: tuple[tuple[float, str], ...], smallest: str) -> str:
    size, name = next(((of, name) for of, name in steps if abs(value) >= of), (1, smallest))
    return f"{_digits(value / size)} {name}".rstrip()


def _digits(value: float) -> str:
    """As few as say it: three that matter, or four for what is nearly a hundred."""
    if abs(value) > NEARLY_ALL:
        return f"{value:.4g}" if abs(value) < MANY else f"{value:.0f}"
    return f"{value:.3g}"


_WRITERS: Mapping[str, Callable[[float], str]] = {
    "short": _short,
    "s": _seconds,
    "percentunit": _share,
    "reqps": _each_second,
    "bytes": _bytes,
}
