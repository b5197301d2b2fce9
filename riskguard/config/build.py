"""Turns the checked file into the core's objects, filling in what the file left to the guard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.config.policy_file import AssetTable, HedgeTable, PolicyFile, RuleTable, VenueTable
from riskguard.core import policy as core
from riskguard.core.types import ZERO, Leg, Mode, VenueId


@dataclass(frozen=True, slots=True)
class Connection:
    """How one venue is reached; the references to its keys, never the keys."""

    venue: VenueId
    ccxt: str
    keys: str
    probe_keys: str = ""
    allow_withdraw_key: bool = False
    ccxt_config: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Merged into the ccxt constructor; not shown, since an address may carry a password."""


def connection(table: VenueTable) -> Connection:
    """Give how a venue is reached."""
    config = _plain(table.ccxt_config)
    return Connection(
        venue=table.id,
        ccxt=table.ccxt,
        keys=table.keys,
        probe_keys=table.probe_keys or "",
        allow_withdraw_key=table.allow_withdraw_key,
        ccxt_config=config if isinstance(config, dict) else {},
    )


def policy(file: PolicyFile) -> core.Policy:
    """Give the core's policy."""
    venues = tuple(_venue(table) for table in file.venue)
    return core.Policy(
        mode=Mode(file.mode),
        instance=file.instance,
        limits=_limits(file),
        venues=venues,
        assets=tuple(_asset(table, venues) for table in file.asset),
        rules=tuple(_rule(table, file, venues) for table in file.rule),
        quotes=core.Quotes(same=tuple(file.quotes.same), within_bps=file.quotes.within),
        detect=core.DetectPolicy(
            false_alarms_per_year=file.detect.false_alarms,
            order_ack_s=file.detect.order_ack,
            cancel_ack_s=file.detect.cancel_ack,
            recover=core.Recover(
                clean_s=file.detect.recover.clean,
                acks=file.detect.recover.acks,
                stable_s=file.detect.recover.stable,
            ),
        ),
        self_check=core.SelfCheck(refs=tuple(file.self_check.refs), need=file.self_check.need),
        freeze=core.FreezePolicy(
            file=file.freeze.file or "", run=tuple(file.freeze.run or ()), url=file.freeze.url or ""
        ),
        unwind=core.Unwind(
            when=file.unwind.when,
            after_s=file.unwind.after,
            how=file.unwind.how,
            orphan=file.unwind.orphan,
            review_s=file.unwind.review,
        ),
        maintenance=tuple(
            core.Maintenance(
                venue=window.venue,
                from_ms=int(window.from_.timestamp() * 1000),
                to_ms=int(window.to.timestamp() * 1000),
                lead_s=window.lead,
            )
            for window in file.maintenance
        ),
        venue_risk=_venue_risk(file),
        tell=_tell(file),
        http_listen=file.http.listen,
    )


def _limits(file: PolicyFile) -> core.Limits:
    limits = file.limits
    return core.Limits(
        per_hedge=limits.per_hedge,
        all_hedges=limits.all_hedges,
        day_hedges=limits.per_day.hedges,
        day_notional=limits.per_day.notional,
        slippage_bps=limits.slippage,
        orders_per_min=limits.orders,
        loss=limits.loss,
        hedge_liq=limits.hedge_liq,
        margin_left=limits.margin_left,
        data_age_s=limits.data_age,
        position_age_s=limits.position_age,
        preflight_age_s=limits.preflight_age,
    )


def _venue(table: VenueTable) -> core.VenuePolicy:
    canary, budget, dead_man = table.canary, table.budget, table.dead_man
    return core.VenuePolicy(
        id=table.id,
        ccxt=table.ccxt,
        role=core.Role(table.role),
        account=table.account,
        domain=table.domain,
        canary=core.Canary(
            rung=core.Rung(canary.rung),
            every_s=canary.every,
            symbol=canary.symbol or "",
            distance=canary.distance,
            size=canary.size.value if canary.size else ZERO,
        )
        if canary
        else None,
        budget=core.Budget(reads_per_s=budget.reads, orders_per_s=budget.orders, reserve=budget.reserve),
        dead_man=core.DeadMan(after_s=dead_man.after, accept=dead_man.accept) if dead_man else None,
        max_hedge=table.max_hedge,
    )


def _asset(table: AssetTable, venues: tuple[core.VenuePolicy, ...]) -> core.AssetPolicy:
    return core.AssetPolicy(
        name=table.name,
        legs=tuple(table.legs),
        hedge_on=tuple(table.hedge_on) if table.hedge_on else _default_hedge_on(table, venues),
        guard=table.guard.value if table.guard else ZERO,
        keep=table.keep.value if table.keep else ZERO,
        elsewhere=table.elsewhere.value if table.elsewhere else ZERO,
        proxy=core.Proxy(asset=table.proxy.asset, beta=Decimal(table.proxy.beta)) if table.proxy else None,
        unlisted=table.unlisted,
    )


def _default_hedge_on(table: AssetTable, venues: tuple[core.VenuePolicy, ...]) -> tuple[Leg, ...]:
    backups = {venue.id for venue in venues if venue.can_hedge}
    # In ccxt's unified symbols only derivatives name a settlement currency behind a colon.
    return tuple(leg for leg in table.legs if leg.venue in backups and ":" in leg.symbol)


def _rule(table: RuleTable, file: PolicyFile, venues: tuple[core.VenuePolicy, ...]) -> core.Rule:
    guarded = tuple(venue.id for venue in venues if venue.guarded)
    return core.Rule(
        name=table.name,
        when=tuple(table.when),
        do=tuple(table.do),
        venues=tuple(table.venues) if table.venues else guarded,
        assets=tuple(table.assets) if table.assets else tuple(asset.name for asset in file.asset),
        veto_s=table.veto,
        cancel_at=table.cancel_at,
        cancel=core.CancelRule(which=table.cancel.which, stops=table.cancel.stops),
        hedge=_hedge(table.hedge),
    )


def _hedge(table: HedgeTable) -> core.HedgeRule:
    return core.HedgeRule(
        strategy=table.strategy,
        size=table.size,
        doubts=core.Doubts(table.doubts),
        to=tuple(table.to),
        style=table.style,
        slices=table.slices,
        retry_s=table.retry,
        tries=table.tries,
        then=core.Then(table.then),
        params=table.params,
    )


def _venue_risk(file: PolicyFile) -> core.VenueRisk:
    withdrawals, premium = file.venue_risk.withdrawals, file.venue_risk.premium
    return core.VenueRisk(
        withdrawals_alert_after_s=withdrawals.alert_after if withdrawals else None,
        premium_beyond=premium.beyond if premium else None,
        premium_longer_than_s=premium.longer_than if premium else core.VenueRisk().premium_longer_than_s,
        share=file.venue_risk.share,
    )


def _tell(file: PolicyFile) -> core.Tell:
    tell = file.tell
    return core.Tell(
        now=tuple(tell.now),
        run=tuple(tell.run or ()),
        webhook=tell.webhook or "",
        remind_s=tell.remind,
        heartbeat=tell.heartbeat or "",
        telegram_allow=tuple(tell.telegram.allow),
    )


def _plain(value: object) -> object:
    """Give ccxt the plain numbers that it expects: the file's fractions were read as decimals."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return float(value) if isinstance(value, Decimal) else value
