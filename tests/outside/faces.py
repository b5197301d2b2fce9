"""The four faces as the outside checks run them: one account with two keys each, BTC at 60,000."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OutsideFace:
    """One face with what its clients need to know."""

    face: str
    symbol: str
    wallets: Mapping[str, str]
    amount: str
    """A small amount in the unit that ccxt takes."""
    passphrase: str = ""

    def secret(self, number: int) -> str:
        """Give the secret of a key, as its client knows it; Kraken's are base64."""
        text = f"{self.face}-secret-{number}"
        return base64.b64encode(text.encode()).decode() if self.face == "kraken" else text

    def credentials(self, number: int) -> dict[str, str]:
        """Give ccxt's constructor settings for a key."""
        extra = {"password": self.passphrase} if self.passphrase else {}
        return {"apiKey": f"{self.face}-key-{number}", "secret": self.secret(number), **extra}

    def config(self) -> dict[str, Any]:
        """Give the venue for the wire's configuration."""
        return {
            "name": self.face,
            "face": self.face,
            "keys": [
                {
                    "key": f"{self.face}-key-{number}",
                    "secret": self.secret(number),
                    "passphrase": self.passphrase,
                }
                for number in (1, 2)
            ],
            "wallets": dict(self.wallets),
            "symbols": [
                {"symbol": self.symbol, "price": "60000"},
                {"symbol": self.symbol.replace("BTC", "ETH"), "price": "3000"},
            ],
        }


_SWAP, _USDT = "BTC/USDT:USDT", {"USDT": "1000000"}
FACES: Mapping[str, OutsideFace] = {
    "binanceusdm": OutsideFace("binanceusdm", _SWAP, _USDT, "0.01"),
    "bybit": OutsideFace("bybit", _SWAP, _USDT, "0.01"),
    "okx": OutsideFace("okx", _SWAP, _USDT, "1", "okx-word"),
    "kraken": OutsideFace("kraken", "BTC/USD", {"USD": "1000000", "BTC": "10"}, "0.01"),
}


def wire_config(names: list[str]) -> dict[str, Any]:
    """Give the configuration of a process with the named faces."""
    return {"seed": 5, "venues": [FACES[name].config() for name in names]}
