# ruff: noqa: D102 - overrides are described in base.py
"""Hyperliquid: every request is a POST, ids are 128-bit hex numbers."""

from typing import Any, Final

from riskguard.core.orders.intent import base36
from riskguard.venues.quirks.base import Quirks
from riskguard.venues.wire import Attempt

_DIGITS: Final = 32


async def _nothing() -> bool:
    return True


class Hyperliquid(Quirks):
    """The builder fee that ccxt would approve and attach, and its referrer, are switched off."""

    strict_nonce = True
    open_orders_page = 0
    shared_options = ("enableUnifiedMargin",)

    def config(self) -> dict[str, Any]:
        return {"options": {"builderFee": False, "approvedBuilderFee": False, "refSet": True}}

    def dress(self, client: Any) -> None:
        # Otherwise two more signed actions go out before the first order.
        client.handle_builder_fee_approval = _nothing

    async def warm(self, client: Any) -> None:
        await client.is_unified_enabled("fetchBalance")
        await super().warm(client)

    def carries(self, attempt: Attempt) -> bool:
        return attempt.path.endswith("/exchange")

    def wire_id(self, core: str) -> str:
        return "0x" + format(int(core, 36), "x").rjust(_DIGITS, "0")

    def core_id(self, wire: Any) -> str:
        text = str(wire)
        try:
            core = base36(int(text, 16))
        except ValueError:
            return text
        return core if core.startswith("rg") else text
