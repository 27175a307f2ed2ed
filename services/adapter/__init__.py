"""The kit for a channel outside: it writes citizens' messages to an inbox of its own."""

from services.adapter.intake import AdapterRefusedError, Intake, Receipt

__all__ = ["AdapterRefusedError", "Intake", "Receipt"]
