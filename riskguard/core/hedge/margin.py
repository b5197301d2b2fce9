"""How much more an account can carry before it comes too near liquidation or runs short of free margin.

Three readings of "near", and the strictest binds. Per position, where the venue tells its liquidation price:
what the price may still move, less the maintenance margin that one more order takes. For the order's own
position: what the account can lose, over its notional. For all positions moving together: the same over their
sum. Where a position's liquidation price is not told, the account is judged as one pot: equity over all
notional. What is not known is not enough.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from riskguard.core.policy import Limits
from riskguard.core.types import ZERO, Leg

MAINTENANCE = Decimal("0.01")
"""Margin that must stay, as a share of the notional. Venues ask 0.4 to 0.5 % of BTC and ETH in their lowest
tiers and more of larger positions; 1 % holds up to several millions."""
HALVINGS = 40
"""Room is found to this many binary digits."""


@dataclass(frozen=True, slots=True)
class Held:
    """One position on an account, as it is or may be; notional in quote units, signed."""

    leg: Leg
    low: Decimal
    """The least it may be, every order of ours in doubt filled or not."""
    high: Decimal
    reported: Decimal = ZERO
    """What the venue's last answer showed."""
    distance: Decimal | None = None
    """From the mark to the liquidation price of that, as a fraction of the mark; None: not told."""

    @property
    def size(self) -> Decimal:
        """The notional at worst, without sign."""
        return max(abs(self.low), abs(self.high))

    @property
    def buffer(self) -> Decimal | None:
        """What this position may lose before it is liquidated, by the venue's own price; quote units."""
        return None if self.distance is None else self.distance * abs(self.reported)

    def plus(self, notional: Decimal) -> "Held":
        """Give the position after an order."""
        return Held(self.leg, self.low + notional, self.high + notional, self.reported, self.distance)


@dataclass(frozen=True, slots=True)
class Account:
    """An account that carries or would carry a hedge; quote units."""

    equity: Decimal
    free: Decimal
    held: tuple[Held, ...] = ()
    spoken_for: Decimal = ZERO
    """Notional of our own approved orders whose margin the venue's balance does not show yet."""
    settling: Decimal = ZERO
    """The part of it that the next balance will show; the rest waits for the end of a doubt.

    While it is not zero an order may be counted twice, on the safe side: as under way and as shown.
    """
    hedged: Decimal = ZERO
    """Notional of our hedges there, held or possible."""
    ceiling: Decimal | None = None
    """The policy's own bound on that."""

    @property
    def size(self) -> Decimal:
        """All notional at worst."""
        return sum((held.size for held in self.held), ZERO)

    def at(self, leg: Leg) -> Held:
        """Give the position of a leg."""
        return next((held for held in self.held if held.leg == leg), Held(leg, ZERO, ZERO))

    def after(self, leg: Leg, notional: Decimal) -> "Account":
        """Give the account as if an order of that signed notional had filled, its margin not shown yet."""
        return replace(
            self,
            held=(*(held for held in self.held if held.leg != leg), self.at(leg).plus(notional)),
            spoken_for=self.spoken_for + abs(notional),
            hedged=self.hedged + abs(notional),
        )

    def margin_rate(self, limits: Limits) -> Decimal:
        """Estimate the margin of one unit of notional: as it is now, or `hedge_liq` while nothing is held."""
        used, shown = self.equity - self.free, sum((abs(held.reported) for held in self.held), ZERO)
        if used <= ZERO or shown <= ZERO:
            return limits.hedge_liq
        return min(max(used / shown, MAINTENANCE), Decimal(1))


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why an account does not carry an order; what follows a bracket are numbers that change."""

    because: str
    limited_by: str = "margin"


def shortage(account: Account, leg: Leg, notional: Decimal, limits: Limits) -> Shortage | None:
    """Judge an order of that signed notional; None: the account carries it."""
    if account.ceiling is not None and account.hedged + abs(notional) > account.ceiling:
        words = f"its own ceiling there is {account.ceiling:f} ({account.hedged:.0f} is hedged there)"
        return Shortage(f"{leg.venue}: {words}", "ceiling")
    if account.equity <= ZERO:
        return Shortage(f"{leg.venue}: the account has no equity")
    before = account.at(leg)
    after = before.plus(notional)
    if after.size <= before.size:
        return None  # it takes risk off that account
    return _too_little_free(account, leg, notional, limits) or _too_near(account, after, notional, limits)


def _too_little_free(account: Account, leg: Leg, notional: Decimal, limits: Limits) -> Shortage | None:
    left = account.free - account.margin_rate(limits) * (account.spoken_for + abs(notional))
    if left >= limits.margin_left * account.equity and account.free >= limits.margin_left * account.equity:
        return None
    numbers = f"{account.free:.0f} of {account.equity:.0f} free, {account.spoken_for:.0f} under way"
    return Shortage(
        f"{leg.venue}: less than {limits.margin_left:.0%} of the equity would stay free ({numbers})"
    )


def _too_near(account: Account, after: Held, notional: Decimal, limits: Limits) -> Shortage | None:
    others = [held for held in account.held if held.leg != after.leg]
    together = [*others, after]
    for held in together:
        near = _told_distance(held, notional)
        if near is not None and near < limits.hedge_liq:
            return _within(held.leg, near, limits)
    total = sum((held.size for held in together), ZERO)
    if any(held.size > ZERO and held.reported != ZERO and held.distance is None for held in account.held):
        near = account.equity / total
        return _within(after.leg, near, limits) if near < limits.hedge_liq else None
    may_lose = account.equity - MAINTENANCE * total
    one_way = max(abs(sum((h.low for h in together), ZERO)), abs(sum((h.high for h in together), ZERO)))
    near = may_lose / max(after.size, one_way)
    return _within(after.leg, near, limits) if near < limits.hedge_liq else None


def _told_distance(held: Held, notional: Decimal) -> Decimal | None:
    """Estimate a position's distance after an order, from the liquidation price that the venue tells."""
    buffer = held.buffer
    turned = held.low * held.reported < ZERO or held.high * held.reported < ZERO
    if buffer is None or held.size == ZERO or turned:
        return None
    return max(buffer - MAINTENANCE * abs(notional), ZERO) / held.size


def _within(leg: Leg, near: Decimal, limits: Limits) -> Shortage:
    words = f"{leg} would come within {limits.hedge_liq:.0%} of its liquidation ({max(near, ZERO):.1%})"
    return Shortage(words)


def room(account: Account, leg: Leg, notional: Decimal, limits: Limits) -> Decimal:
    """Give how much of an order of that signed notional the account carries; without sign."""
    if shortage(account, leg, notional, limits) is None:
        return abs(notional)
    most, sign = abs(notional), 1 if notional > ZERO else -1
    if account.ceiling is not None:
        most = min(most, max(account.ceiling - account.hedged, ZERO))
    fits, too_much = ZERO, most
    for _ in range(HALVINGS):
        middle = (fits + too_much) / 2
        if shortage(account, leg, sign * middle, limits) is None:
            fits = middle
        else:
            too_much = middle
    return fits
