"""The policy file: TOML in, checked core objects out; the only user of pydantic."""

from riskguard.config.build import Connection
from riskguard.config.credentials import Credentials, CredentialsUnavailable, credentials
from riskguard.config.load import Loaded, load, locate_journal, parse
from riskguard.config.problems import PolicyInvalid, Problem
from riskguard.config.schema import policy_schema
from riskguard.config.starter import starter_text
from riskguard.config.strategy_sources import StrategySource, strategy_sources

__all__ = [
    "Connection",
    "Credentials",
    "CredentialsUnavailable",
    "Loaded",
    "PolicyInvalid",
    "Problem",
    "StrategySource",
    "credentials",
    "load",
    "locate_journal",
    "parse",
    "policy_schema",
    "starter_text",
    "strategy_sources",
]
