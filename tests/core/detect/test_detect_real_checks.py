"""Real checks of public endpoints, February and March 2023: what the detector says of them."""

import csv
import gzip
from collections import defaultdict
from datetime import datetime
from pathlib import Path as File
from urllib.parse import urlsplit

import pytest

from riskguard.core.detect import OutcomeClass, OwnHealth, VenueDetector
from riskguard.core.types import Path, Verdict

RECORD = File(__file__).parents[4] / "shared" / "data" / "upptime_goquantio_crypto-monitor_2023-02_03.csv.gz"
VENUES = ("api-pub.bitfinex.com", "api-testnet.bybit.com", "api.binance.us", "api.kraken.com")


def outcome(http_code: str) -> OutcomeClass:
    if http_code == "200":
        return OutcomeClass.OK
    if http_code == "0":
        return OutcomeClass.UNKNOWN
    return OutcomeClass.VENUE_FAULT if http_code.startswith("5") else OutcomeClass.USER_FAULT


@pytest.mark.skipif(not RECORD.exists(), reason="the recorded checks are not part of the repository")
def test_refusals_hours_apart_that_were_the_watchers_fault_blame_no_venue() -> None:
    """Nothing else was asked between the checks, so nothing vouches for the watcher's own side."""
    own = OwnHealth()
    detectors = {host: VenueDetector(host, own_health=own, ladder={}) for host in VENUES}
    blamed: dict[str, list[Verdict]] = defaultdict(list)
    refused = 0
    with gzip.open(RECORD, "rt") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["commit_time_utc"])
    for rid, row in enumerate(rows):
        host = urlsplit(row["url"]).hostname
        if host not in detectors:
            continue
        ended = datetime.fromisoformat(row["commit_time_utc"]).timestamp()
        detector = detectors[host]
        detector.sent(rid, ended - int(row["response_ms"]) / 1000.0, Path.QUERY)
        detector.done(rid, ended, outcome(row["http_code"]))
        verdict = detector.verdicts(ended)[Path.QUERY]
        if verdict in (Verdict.CONFIRMED, Verdict.DOWN):
            blamed[host].append(verdict)
        refused += row["http_code"] == "503"
    assert not blamed
    assert refused == 84
