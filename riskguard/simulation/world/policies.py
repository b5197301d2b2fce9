"""Policies for simulated histories: a trader's, with the waiting times shortened."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from riskguard.core.hedge.strategy import Situation, Strategy, Target
from riskguard.core.policy import (
    AssetPolicy,
    Canary,
    DeadMan,
    DetectPolicy,
    Doubts,
    HedgeRule,
    Limits,
    Money,
    Policy,
    Recover,
    Role,
    Rule,
    SelfCheck,
    Unwind,
    VenuePolicy,
)
from riskguard.core.types import Asset, Leg, Mode, VenueId

PRIMARY: VenueId = "main"
LIMITS = Limits(
    per_hedge=Money(Decimal(400_000), "USDT"),
    all_hedges=Money(Decimal(800_000), "USDT"),
    day_hedges=20,
    day_notional=Money(Decimal(4_000_000), "USDT"),
    slippage_bps=Decimal(40),
    orders_per_min=60,
    loss=Money(Decimal(100_000), "USDT"),
    hedge_liq=Decimal("0.15"),
    margin_left=Decimal("0.3"),
    data_age_s=3.0,
    position_age_s=86_400.0,
    preflight_age_s=604_800.0,
)
PROBES = Canary(every_s=1.0)
RECOVER = Recover(clean_s=5.0, acks=4, stable_s=4.0)


def hedge(situation: Situation, /, **_params: object) -> Target | None:
    """Offset the point that the policy chose."""
    return Target(-situation.size * situation.point)


STRATEGIES: Mapping[str, Strategy] = {"hedge": hedge}


def policy(
    *,
    backups: tuple[VenueId, ...] = ("alpha", "beta"),
    assets: tuple[Asset, ...] = ("BTC",),
    mode: Mode = Mode.AUTO,
    limits: Limits = LIMITS,
    doubts: Doubts = Doubts.LIKELY,
    slices: int = 1,
    veto_s: float = 2.0,
    tries: int = 8,
    keep: Decimal = Decimal(0),
    unwind: Unwind | None = None,
    refs: tuple[str, ...] = (),
    canary: Canary = PROBES,
    spot_leg: bool = False,
    inverse: tuple[Asset, ...] = (),
    dead_men: Mapping[VenueId, DeadMan] = MappingProxyType({}),
    guarded: tuple[VenueId, ...] = (),
    cancels: bool = False,
) -> Policy:
    """Make the policy of one primary and its backups; backups in `guarded` have incidents of their own.

    Assets in `inverse` have a coin-margined leg at the primary besides, venues in `dead_men` a switch.
    """
    venues = (PRIMARY, *backups)
    roles = dict.fromkeys(backups, Role.BACKUP) | dict.fromkeys(guarded, Role.BOTH)
    return Policy(
        mode=mode,
        instance="s",
        limits=limits,
        venues=tuple(
            VenuePolicy(
                name,
                "simulated",
                Role.PRIMARY if name == PRIMARY else roles[name],
                canary=canary if name == PRIMARY else Canary(every_s=1.5),
                dead_man=dead_men.get(name),
            )
            for name in venues
        ),
        assets=tuple(
            AssetPolicy(
                asset,
                legs=(
                    *(leg(name, asset) for name in venues),
                    *((spot(PRIMARY, asset),) if spot_leg and asset == "BTC" else ()),
                    *((coin_margined(PRIMARY, asset),) if asset in inverse else ()),
                ),
                hedge_on=tuple(leg(name, asset) for name in backups),
                guard=Decimal("0.01"),
                keep=keep,
            )
            for asset in assets
        ),
        rules=(
            Rule(
                "trouble",
                when=("trapped", "dark"),
                do=("tell", "freeze", *(("cancel",) if cancels else ()), "hedge"),
                venues=(PRIMARY, *guarded),
                assets=assets,
                veto_s=veto_s,
                hedge=HedgeRule("hedge", doubts=doubts, slices=slices, retry_s=1.0, tries=tries),
            ),
        ),
        detect=DetectPolicy(false_alarms_per_year=50.0, recover=RECOVER),
        self_check=SelfCheck(refs),
        unwind=unwind or Unwind(when="auto", after_s=3.0),
    )


def leg(venue: VenueId, asset: Asset) -> Leg:
    """Give the swap of an asset at a venue."""
    return Leg(venue, f"{asset}/USDT:USDT")


def spot(venue: VenueId, asset: Asset) -> Leg:
    """Give the spot market of an asset at a venue."""
    return Leg(venue, f"{asset}/USDT")


def coin_margined(venue: VenueId, asset: Asset) -> Leg:
    """Give the inverse swap of an asset at a venue."""
    return Leg(venue, f"{asset}/USD:{asset}")
