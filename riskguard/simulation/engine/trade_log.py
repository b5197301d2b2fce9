"""The venue's own raw log, from which a program that knows nothing of the guard computes what truly happened.

Every row is one flat JSON object. Common keys: `seq` (1, 2, 3 … over all venues of a log), `ts_ms` (venue
clock, UTC milliseconds), `venue`, `kind`. Amounts and prices are decimal strings in base and quote units;
`symbol` is the unified name; `side` is buy or sell. By `kind`:

* `instrument`: symbol, mid, lot, tick. One per symbol when the venue starts.
* `start`: account, symbol, position (signed), entry_price. A position that no order made.
* `arrived`: account, op (place reduce cancel cancel-all test), symbol, client_id, order_id, fault (kind of
  the fault rule that struck it, or null). A wire face has read a request that acts; written before all else.
* `order`: account, symbol, order_id, client_id, side, amount, price (null for market), order_kind, tif,
  post_only, reduce_only, accepted (bool), refused (code or null). It reached the engine; before its fills.
* `fill`: account, symbol, fill_id, order_id, client_id, side, amount, price, fee, maker (bool), liquidation
  (bool), position (signed, after it).
* `cancel`: account, symbol, order_id, client_id, remaining, cause (user ioc fok post_only reduce_only
  dead_man liquidation venue).
* `liquidation`: account, symbol, position (signed: the part that is closed), price. Its fill follows.
* `mark`: symbol, mid, mark. The middle price moved, or the mark price was set apart from it.
* `mode`: mode, symbol (null: whole venue).
* `fault`: action (set lifted), rule (object).
"""

import json
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

LogRow: TypeAlias = dict[str, Any]


class TradeLog:
    """Append-only rows, the newest `keep` in memory and all of them in a JSONL file when one is named."""

    def __init__(self, path: Path | None = None, keep: int = 50_000) -> None:
        self._rows: deque[LogRow] = deque(maxlen=keep)
        self._seq = 0
        self._file = path.open("a", encoding="utf-8", buffering=1) if path is not None else None
        self._watchers: list[Callable[[LogRow], None]] = []

    def append(self, venue: str, kind: str, ts_ms: int, **fields: object) -> None:
        """Write one row; Decimals become strings."""
        self._seq += 1
        row: LogRow = {"seq": self._seq, "ts_ms": ts_ms, "venue": venue, "kind": kind}
        row.update({name: _plain(value) for name, value in fields.items()})
        self._rows.append(row)
        if self._file is not None:
            self._file.write(json.dumps(row, separators=(",", ":")) + "\n")
        for watcher in self._watchers:
            watcher(row)

    def watch(self, watcher: Callable[[LogRow], None]) -> None:
        """Call `watcher` with every row from now on."""
        self._watchers.append(watcher)

    def rows(self, after_seq: int = 0, venue: str | None = None) -> list[LogRow]:
        """Give the rows in memory later than `after_seq`."""
        return [row for row in self._rows if row["seq"] > after_seq and venue in (None, row["venue"])]

    def close(self) -> None:
        """Close the file; later rows stay in memory only."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _plain(value: object) -> object:
    """Turn numbers that JSON has no exact form for, and enum members, into plain strings."""
    if value is None or isinstance(value, bool | int | list | dict):
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)
