"""The first policy that `riskguard init` writes: it watches two venues and sends nothing that could fill."""

STARTER = """\
#:schema ./riskguard.schema.json
# riskguard policy. Every number carries its unit; a key that you leave out gets a careful default.
#   riskguard check -c THIS_FILE       is this file right?
#   riskguard run -c THIS_FILE         watch both venues
version = 1
mode    = "observe"    # sends nothing that could fill; next: paper, confirm, auto

[limits]               # nothing passes these
per_hedge  = "5_000 USDT"
all_hedges = "10_000 USDT"

[[venue]]              # where you trade
id     = "main"
ccxt   = "binanceusdm"
role   = "primary"
keys   = "env:RG_MAIN" # reads RG_MAIN_KEY and RG_MAIN_SECRET; keys never stand in this file
canary = { rung = "cancel-unknown", every = "2s" }    # cancels an order that never existed: costs nothing

[[venue]]              # where a hedge may be placed
id   = "bybit"
ccxt = "bybit"
role = "backup"
keys = "env:RG_BYBIT"

[[asset]]              # everything that carries the same risk
name  = "BTC"
legs  = ["main BTC/USDT:USDT", "bybit BTC/USDT:USDT"]
guard = "0.01 BTC"     # smaller net exposure is left alone

[[rule]]               # first rule that fits wins
name  = "trapped"
when  = ["trapped", "dark"]
do    = ["tell", "hedge"]
veto  = "10s"          # countdown before a hedge, to stop it by hand
hedge = { strategy = "hedge", to = ["bybit"] }
"""


def starter_text() -> str:
    """Give the text of a first policy file."""
    return STARTER
