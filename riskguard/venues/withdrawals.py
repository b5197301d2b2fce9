"""Whether a venue lets assets be withdrawn: any network that is open counts; nothing said is None."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from riskguard.core.messages import WithdrawalsSeen
from riskguard.core.types import VenueId
from riskguard.venues.quirks import NotOffered
from riskguard.venues.reports import Unreadable

_KRAKEN: Final = {
    "enabled": True,
    "withdrawal_only": True,
    "deposit_only": False,
    "funding_temporarily_disabled": False,
}
"""Kraken, Get Asset Info: one word for deposit and withdrawal of a currency."""


def withdrawals_seen(venue: VenueId, ccxt_id: str, currencies: Any, assets: Iterable[str]) -> WithdrawalsSeen:
    """Read ccxt's currencies; raises NotOffered where the venue gave none, Unreadable for another shape."""
    if not isinstance(currencies, dict):
        raise Unreadable("no table of currencies")
    if not currencies:
        raise NotOffered("this venue does not say what can be withdrawn")
    flags = tuple((asset, _allowed(ccxt_id, currencies.get(asset))) for asset in assets)
    return WithdrawalsSeen(venue, flags)


def _allowed(ccxt_id: str, currency: Any) -> bool | None:
    if not isinstance(currency, dict):
        return None
    networks = currency.get("networks")
    rows = networks.values() if isinstance(networks, dict) else ()
    said = [row.get("withdraw") for row in rows if isinstance(row, dict)]
    known = [flag for flag in said if isinstance(flag, bool)]
    if known:
        # A network that says nothing may be the one that is open.
        return True if any(known) else False if len(known) == len(said) else None
    if ccxt_id == "kraken":
        info: Mapping[str, Any] = currency.get("info") or {}
        return _KRAKEN.get(str(info.get("status")))
    whole = currency.get("withdraw")
    return whole if isinstance(whole, bool) else None
