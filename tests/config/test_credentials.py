"""Keys are found where the reference says, and never shown."""

import copy
import pickle
from pathlib import Path

import pytest

from riskguard.config import Credentials, CredentialsUnavailable, credentials

HERE = Path()


def test_env_reads_the_prefixed_variables() -> None:
    environ = {"RG_KEY": " k1\n", "RG_SECRET": "s1", "RG_PASSWORD": "p1", "RG_UID": "", "OTHER_KEY": "x"}

    found = credentials("env:RG", HERE, environ)

    assert found.for_ccxt() == {"apiKey": "k1", "secret": "s1", "password": "p1"}


def test_wallets_need_no_api_key() -> None:
    environ = {"W_WALLET_ADDRESS": "0x1", "W_PRIVATE_KEY": "0x2"}

    assert credentials("env:W", HERE, environ).for_ccxt() == {"walletAddress": "0x1", "privateKey": "0x2"}


def test_a_passphrase_has_two_names() -> None:
    environ = {"O_KEY": "k", "O_SECRET": "s", "O_PASSPHRASE": "p"}

    assert credentials("env:O", HERE, environ).for_ccxt() == {"apiKey": "k", "secret": "s", "password": "p"}


def test_a_pem_key_on_one_line_gets_its_line_ends_back() -> None:
    environ = {"R_KEY": "k", "R_SECRET": "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----"}

    assert credentials("env:R", HERE, environ).for_ccxt()["secret"].splitlines()[1] == "abc"


@pytest.mark.parametrize(
    "content",
    [
        'key = "k1"\nsecret = "s1"\npassword = "p=1"\n',
        'apiKey = "k1"\napi_secret = "s1"\npassphrase = "p=1"\nnote = 3\n',
        "KEY=k1\nSECRET=s1\nPASSWORD=p=1\n",
        "# main\nexport RG_MAIN_KEY='k1'\r\nRG_MAIN_SECRET=\"s1\"\r\n\nRG_MAIN_PASSWORD = p=1 \nnonsense\n",
        "\ufeffRG_API_KEY=k1\nRG_API_SECRET=s1\nRG_PASSWORD=p=1",
    ],
)
def test_files_hold_toml_or_lines(content: str, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(content, "utf-8")
    (tmp_path / "keys").chmod(0o600)

    found = credentials("file:keys", tmp_path, {})

    assert found.for_ccxt() == {"apiKey": "k1", "secret": "s1", "password": "p=1"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("KEY=S3CR3T\nSECRET=S3CR3T\n", "utf-8")
    path.chmod(mode)

    with pytest.raises(CredentialsUnavailable, match=f"chmod 600 {path}"):
        credentials(f"file:{path}", HERE, {})


def test_a_key_store_is_asked_for_each_part() -> None:
    store = {("riskguard", "main_KEY"): "k1", ("riskguard", "main_SECRET"): "s1"}

    found = credentials("keyring:riskguard/main", HERE, {}, lambda service, name: store.get((service, name)))

    assert found.for_ccxt() == {"apiKey": "k1", "secret": "s1"}


@pytest.mark.parametrize(
    ("reference", "environ", "said"),
    [
        ("env:RG", {}, "no keys in the environment: RG_KEY and RG_SECRET"),
        ("env:RG", {"RG_KEY": "S3CR3T"}, "a key without its secret; looked in the environment: RG_KEY"),
        ("env:RG", {"RG_SECRET": "S3CR3T"}, "no keys in the environment"),
        ("file:absent", {}, "absent: No such file or directory"),
        ("file:.", {}, "Is a directory"),
        ("file:a\0b", {}, "cannot be a path"),
        ("S3CR3T", {}, 'keys are named by "env:PREFIX"'),
    ],
)
def test_what_is_said_when_there_are_no_keys(
    reference: str, environ: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(CredentialsUnavailable) as caught:
        credentials(reference, tmp_path, environ)

    assert said in str(caught.value)
    assert "S3CR3T" not in str(caught.value)


def test_an_unreadable_file_says_nothing_of_its_content(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"S3CR3T\xff\x00 = [[[")
    path.chmod(0o600)

    with pytest.raises(CredentialsUnavailable) as caught:
        credentials("file:keys", tmp_path, {})

    assert str(caught.value) == f"no keys in {path}: KEY and SECRET"


def test_secrets_are_in_no_text_of_the_object() -> None:
    found = credentials("env:RG", HERE, {"RG_KEY": "S3CR3T", "RG_SECRET": "S3CR3T"})

    assert repr(found) == str(found) == "Credentials('env:RG', apiKey, secret: hidden)"
    assert "S3CR3T" not in f"{found} {[found]} {found!r}"
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not written anywhere"):
            write(found)


def test_secrets_cannot_be_changed_in_passing() -> None:
    found = credentials("env:RG", HERE, {"RG_KEY": "k", "RG_SECRET": "s"})
    found.for_ccxt()["apiKey"] = "other"

    assert found.for_ccxt()["apiKey"] == "k"
    assert isinstance(found, Credentials)
