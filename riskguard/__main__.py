"""`python -m riskguard` is the command `riskguard`."""

from riskguard.cli import main

raise SystemExit(main())
