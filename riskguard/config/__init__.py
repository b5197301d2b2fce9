"""The policy file: TOML in, checked core objects out; the only user of pydantic."""

from riskguard.config.build import Connection
from riskguard.config.credentials import Credentials, CredentialsUnavailable, credentials
from riskguard.config.load import Loaded, load, locate_journal, parse
from riskguard.config.problems import PolicyInvalid, Problem
from riskguard.config.schema import policy_schema
from riskguard.config.socket_path import (
    SocketDirectoryUnsafe,
    find_socket,
    make_private_directory,
    socket_path,
)
from riskguard.config.starter import starter_text
from riskguard.config.strategy_sources import StrategySource, strategy_sources

__all__ = [
    "Connection",
    "Credentials",
    "CredentialsUnavailable",
    "Loaded",
    "PolicyInvalid",
    "Problem",
    "SocketDirectoryUnsafe",
    "StrategySource",
    "credentials",
    "find_socket",
    "load",
    "locate_journal",
    "make_private_directory",
    "parse",
    "policy_schema",
    "socket_path",
    "starter_text",
    "strategy_sources",
]
