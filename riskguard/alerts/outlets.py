"""Two ways out of the process: a command and a POST; both bounded in time, neither shows a secret."""

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

PASSED_ON = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
"""What a command inherits; everything else stays here, because our own environment may hold trading keys."""


class OutletFailed(Exception):  # noqa: N818 - named for what happened
    """It did not get out; the text is fit for a log."""


async def run_command(
    argv: Sequence[str],
    *,
    words: str,
    variables: Mapping[str, str],
    environ: Mapping[str, str],
    directory: Path,
    timeout_s: float,
) -> None:
    """Run a program without a shell, `words` on its stdin; raises `OutletFailed` unless it exits with 0."""
    name = Path(argv[0]).name
    inherited = {key: environ[key] for key in PASSED_ON if key in environ}
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**inherited, **variables},
            cwd=directory,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its words cannot be arguments"
        raise OutletFailed(f"{name}: {reason}") from None
    try:
        async with asyncio.timeout(timeout_s):
            await process.communicate(words.encode())
    except TimeoutError:
        raise OutletFailed(f"{name}: not done within {timeout_s:g} s") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        raise OutletFailed(f"{name}: exit code {process.returncode}")


async def post(address: str, body: Mapping[str, object], *, timeout_s: float) -> None:
    """POST a JSON object; raises `OutletFailed` unless the answer is a success. No redirect is followed."""
    import aiohttp  # noqa: PLC0415 - costs a third of a second, which `status` must not pay

    label = host_of(address)
    if not address.startswith(("http://", "https://")):
        raise OutletFailed("only http and https addresses are supported")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_s)) as session,
            session.post(
                address,
                data=json.dumps(body),
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
            ) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        # Only the class: the message may quote the address, and with it a token.
        raise OutletFailed(f"{label}: {type(error).__name__}") from None
    if not 200 <= status < 300:
        raise OutletFailed(f"{label}: HTTP {status}")


def resolve(reference: str, environ: Mapping[str, str]) -> str:
    """Give the address that `env:NAME` holds, or the address itself; raises `OutletFailed` if it is unset."""
    if not reference.startswith("env:"):
        return reference
    address = environ.get(reference.removeprefix("env:"), "").strip()
    if not address:
        raise OutletFailed(f"{reference} is not set")
    return address


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of their `{names}`, in one pass, so that no value is itself filled in."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


def host_of(address: str) -> str:
    """Name an address without what may be secret in it: path, query and user."""
    try:
        return urlsplit(address).hostname or "an address without a host"
    except ValueError:
        return "an address that cannot be read"
