"""How hard the properties are tried: `HYPOTHESIS_PROFILE=deep` before a release, `ci` otherwise."""

import os
import signal

from hypothesis import HealthCheck, settings

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile(
    "deep",
    deadline=None,
    max_examples=2000,
    stateful_step_count=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell made us deaf to Ctrl-C by starting us in the background; what the tests start would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
