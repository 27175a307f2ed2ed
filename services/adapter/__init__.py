"""The kit for a channel outside: it writes citizens' messages to an inbox of its own."""

from schemas.kafka import KafkaAccess
from services.adapter.intake import AdapterRefusedError, Intake, Receipt

__all__ = ["AdapterRefusedError", "Intake", "KafkaAccess", "Receipt"]
