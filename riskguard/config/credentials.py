"""Resolves a reference to keys, at the last moment; nothing else of riskguard ever holds a secret.

`env:PREFIX` reads PREFIX_KEY, PREFIX_SECRET, PREFIX_PASSWORD from the environment; `file:PATH` reads TOML or
KEY=VALUE lines; `keyring:SERVICE/NAME` asks the desktop's key store for NAME_KEY and so on under SERVICE.
"""

import importlib
import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

LookUp = Callable[[str, str], str | None]
"""A key store: service and name to secret."""

_CCXT_NAMES = {
    "KEY": "apiKey",
    "SECRET": "secret",
    "PASSWORD": "password",
    "UID": "uid",
    "LOGIN": "login",
    "TOKEN": "token",
    "TWOFA": "twofa",
    "ACCOUNT_ID": "accountId",
    "WALLET_ADDRESS": "walletAddress",
    "PRIVATE_KEY": "privateKey",
}
_ALIASES = {"APIKEY": "KEY", "APISECRET": "SECRET", "PASSPHRASE": "PASSWORD"} | {
    name.replace("_", ""): name for name in _CCXT_NAMES
}
_ENOUGH = ("apiKey", "privateKey", "walletAddress", "login", "token")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")


class CredentialsUnavailable(Exception):  # noqa: N818 - named for the state it reports
    """Keys could not be read; says where they were looked for, never what was found."""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Secrets by ccxt's names; shown only as the names that are there."""

    reference: str
    secrets: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Credentials({self.reference!r}, {', '.join(sorted(self.secrets))}: hidden)"

    @property
    def key(self) -> str:
        """The API key; empty where the venue uses something else."""
        return self.secrets.get("apiKey", "")

    @property
    def secret(self) -> str:
        """What signs."""
        return self.secrets.get("secret", "")

    @property
    def password(self) -> str:
        """The passphrase of venues that have one."""
        return self.secrets.get("password", "")

    def for_ccxt(self) -> dict[str, str]:
        """Give what the ccxt constructor wants; hand it over and keep no copy."""
        return dict(self.secrets)

    def __reduce__(self) -> str:
        raise TypeError("credentials are not written anywhere")


def credentials(
    reference: str, directory: Path, environ: Mapping[str, str], look_up: LookUp | None = None
) -> Credentials:
    """Resolve a reference; a relative path is meant from `directory`. Raises `CredentialsUnavailable`."""
    kind, _, rest = reference.partition(":")
    match kind:
        case "env":
            found = {name: environ.get(f"{rest}_{name}") for name in _CCXT_NAMES}
            found["PASSWORD"] = found["PASSWORD"] or environ.get(f"{rest}_PASSPHRASE")
            wanted = f"environment: {rest}_KEY and {rest}_SECRET"
        case "file":
            path = directory / Path(rest).expanduser()
            found = dict(_read_file(path))
            wanted = f"{path}: KEY and SECRET"
        case "keyring":
            service, _, name = rest.partition("/")
            ask = look_up or _key_store()
            found = {key: ask(service, f"{name}_{key}") for key in _CCXT_NAMES}
            wanted = f"key store, service {service}: {name}_KEY and {name}_SECRET"
        case _:
            raise CredentialsUnavailable(
                'keys are named by "env:PREFIX", "file:PATH" or "keyring:SERVICE/NAME"'
            )
    secrets = {_CCXT_NAMES[name]: _tidy(text) for name, text in found.items() if text and text.strip()}
    if not any(name in secrets for name in _ENOUGH):
        raise CredentialsUnavailable(f"no keys in the {wanted}" if kind != "file" else f"no keys in {wanted}")
    if "apiKey" in secrets and not ({"secret", "privateKey"} & secrets.keys()):
        raise CredentialsUnavailable(f"a key without its secret; looked in the {wanted}")
    return Credentials(reference, MappingProxyType(secrets))


def _read_file(path: Path) -> Mapping[str, str]:
    try:
        with path.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(65_536)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the name cannot be a path"
        raise CredentialsUnavailable(f"{path}: {reason}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialsUnavailable(f"{path} can be read by others; make it yours alone: chmod 600 {path}")
    text = content.decode("utf-8-sig", errors="replace")
    try:
        table: Mapping[str, object] = tomllib.loads(text)
    except (ValueError, RecursionError):
        table = dict(_lines(text))
    return {_name_of(key): value for key, value in table.items() if isinstance(value, str) and _name_of(key)}


def _lines(text: str) -> list[tuple[str, str]]:
    matches = [_LINE.fullmatch(line) for line in text.splitlines()]
    return [(match[1], match[2].strip("\"'")) for match in matches if match]


def _name_of(key: str) -> str:
    """Map KEY, apiKey, api_key or RG_MAIN_KEY to KEY, empty when it is none of ours."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).upper().split("_")
    for start in range(len(words)):
        joined = "".join(words[start:])
        if joined in _ALIASES:
            return _ALIASES[joined]
    return ""


def _tidy(secret: str) -> str:
    """Drop stray blanks, and give a PEM key on one line its line ends back."""
    text = secret.strip()
    return text.replace("\\n", "\n") if text.startswith("-----BEGIN") else text


def _key_store() -> LookUp:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise CredentialsUnavailable(
            "keyring: references need the keyring package: pip install keyring"
        ) from None

    def look_up(service: str, name: str) -> str | None:
        try:
            found = keyring.get_password(service, name)
        except Exception as error:  # noqa: BLE001 - each backend raises its own classes
            # Only the class: the message may quote what was found.
            raise CredentialsUnavailable(f"the key store failed: {type(error).__name__}") from None
        return found if isinstance(found, str) else None

    return look_up
