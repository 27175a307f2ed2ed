"""Which alerts the known day must raise, and for whom."""

from collections.abc import Mapping

from tests.watching.day import DEAD, STOPPED
from tests.watching.prometheus import Labels

EXPECTED: Mapping[str, Labels] = {
    "PeygirTargetDown": {"instance": STOPPED, "severity": "page", "audience": "platform"},
    "PeygirConsumerLagTime": {"consumer": STOPPED, "severity": "page", "audience": "platform"},
    "PeygirProcessorStalled": {"consumer": STOPPED, "severity": "page", "audience": "platform"},
    "PeygirUrgentOverdue": {"department": DEAD, "severity": "page", "audience": "department"},
    "PeygirCasesAtCentre": {"severity": "page", "audience": "call-centre"},
    "PeygirDeliveriesParked": {
        "topic": f"department-hashtgerd-{DEAD}",
        "severity": "ticket",
        "audience": "platform",
    },
}
# They speak of how quick this machine is beside all its other work, and the day says nothing of it.
OF_THIS_MACHINE = frozenset(
    {
        "PeygirApiBudgetBurnFast",
        "PeygirApiBudgetBurnSlow",
        "PeygirFreshnessBudgetBurnFast",
        "PeygirFreshnessBudgetBurnSlow",
        "PeygirTimerBudgetBurnFast",
        "PeygirTimerBudgetBurnSlow",
    }
)
# Where two minutes are two seconds, the time that a process takes to start is an outage.
OF_THE_HURRY = frozenset({"PeygirLeasesUnowned", "PeygirTimerNotLooking"})
