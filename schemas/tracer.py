"""Which tracer a process has, by its settings."""

from collections.abc import Callable
from datetime import datetime

from schemas.settings import Settings
from schemas.tracing import UNTRACED, Tracer


def tracer_of(settings: Settings, worker: str, now: Callable[[], datetime]) -> Tracer:
    """As the settings say. What is switched off is not even imported."""
    if settings.tracing_url is None:
        return UNTRACED
    from schemas.spans import Exporting  # noqa: PLC0415

    return Exporting(
        settings.tracing_url,
        worker=worker,
        instance=settings.instance,
        share=settings.tracing_share,
        now=now,
    )
