"""A venue's micro-outages, and how long a trouble must last there before it is worth money."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from riskguard.core.detect import Learned
from riskguard.core.detect.persistence import Persistence
from riskguard.core.facts import BlipSeen, VenueWatched
from riskguard.core.types import VenueId
from riskguard.report.orders import TimedFact
from riskguard.report.text import utc

BOUNDS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
"""Lengths are counted up to each of these, and beyond the last."""


def blips(
    facts: Iterable[TimedFact], venues: Sequence[VenueId], false_alarms_per_year: float
) -> list[dict[str, Any]]:
    """Give each venue's blips per path, and the waiting time that follows from them.

    Venues that the journal knows and the policy does not are listed too.
    """
    seen: dict[VenueId, list[BlipSeen]] = {venue: [] for venue in venues}
    learned: dict[VenueId, Learned] = {}
    for _, fact in facts:
        if isinstance(fact, BlipSeen):
            seen.setdefault(fact.venue, []).append(fact)
            learned[fact.venue] = learned.get(fact.venue, Learned()).blip(fact.lasted_s)
        elif isinstance(fact, VenueWatched):
            seen.setdefault(fact.venue, [])
            learned[fact.venue] = learned.get(fact.venue, Learned()).watched(fact.seconds)
    return [
        _venue(venue, found, learned.get(venue, Learned()), false_alarms_per_year)
        for venue, found in seen.items()
    ]


def _venue(venue: VenueId, found: Sequence[BlipSeen], learned: Learned, per_year: float) -> dict[str, Any]:
    paths = sorted({path for blip in found for path in blip.paths.split(",") if path})
    by_path = {path: [b.lasted_s for b in found if path in b.paths.split(",")] for path in paths}
    longest = max(found, key=lambda blip: blip.lasted_s, default=None)
    return {
        "venue": venue,
        "watched_s": round(learned.watched_s, 1),
        "false_alarms_per_year": per_year,
        "persistence_s": round(Persistence(per_year, learned, None).tau_s, 2),
        "persistence_untaught_s": round(Persistence(per_year, Learned(), None).tau_s, 2),
        "learned_from": len(learned.lengths_s),
        "last_at": utc(found[-1].began_ms) if found else None,
        "longest_at": utc(longest.began_ms) if longest else None,
        "all": _lengths([blip.lasted_s for blip in found]),
        "paths": {path: _lengths(lengths) for path, lengths in by_path.items()},
    }


def _lengths(lengths_s: Sequence[float]) -> dict[str, Any]:
    counts, below_s = {}, 0.0
    for bound_s in BOUNDS_S:
        counts[f"to {bound_s:g} s"] = sum(below_s <= length < bound_s for length in lengths_s)
        below_s = bound_s
    counts["longer"] = sum(length >= below_s for length in lengths_s)
    return {
        "count": len(lengths_s),
        "median_s": round(median(lengths_s), 3) if lengths_s else None,
        "longest_s": round(max(lengths_s), 3) if lengths_s else None,
        "lengths": counts,
    }


def blips_lines(venues: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Write it for a person."""
    for venue in venues:
        hours = venue["watched_s"] / 3600
        yield f"{venue['venue']}: {venue['all']['count']} blips in {hours:.1f} h watched while calm"
        yield (
            f"  a trouble must last {venue['persistence_s']:.1f} s before it counts as down"
            f" ({venue['persistence_untaught_s']:.1f} s before anything was learnt;"
            f" at most {venue['false_alarms_per_year']:g} false alarms a year)"
        )
        for path, lengths in venue["paths"].items():
            spread = ", ".join(f"{name}: {count}" for name, count in lengths["lengths"].items() if count)
            middle = f"median {lengths['median_s']:.1f} s, longest {lengths['longest_s']:.1f} s"
            yield f"  {path}: {lengths['count']}, {middle} ({spread})"
