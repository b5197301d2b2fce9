"""Words and freeze signals on their way out of the guard."""

from riskguard.alerts.notifier import PolicyNotifier

__all__ = ["PolicyNotifier"]
