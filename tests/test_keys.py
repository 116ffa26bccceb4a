"""One key per purpose; tokens that nobody guesses; a key file that nobody else reads."""

import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import BadInput
from app.keys import Cipher, Keys, TokenSubject, UnreadableSecret, keep_secret, same

SECRET, OTHER = "the secret of today, long enough", "the secret of yesterday, long enough"
SUBJECT = TokenSubject("an-account", 1)


def test_a_token_has_256_bits_that_fit_into_a_url() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", Keys(SECRET).cron_token(SUBJECT))


def test_a_token_is_always_the_same() -> None:
    assert Keys(SECRET).cron_token(SUBJECT) == Keys(SECRET).cron_token(SUBJECT)


@pytest.mark.parametrize(
    ("secret", "subject"),
    [(OTHER, SUBJECT), (SECRET, TokenSubject("another", 1)), (SECRET, TokenSubject("an-account", 2))],
    ids=["secret", "account", "generation"],
)
def test_a_token_differs_with(secret: str, subject: TokenSubject) -> None:
    assert Keys(secret).cron_token(subject) != Keys(SECRET).cron_token(SUBJECT)


def test_the_key_before_is_the_same_as_it_was() -> None:
    assert Keys(SECRET, previous=OTHER).cron_token(SUBJECT, key=1) == Keys(OTHER).cron_token(SUBJECT)


@pytest.mark.parametrize(("previous_key", "count"), [(False, 2), (True, 4)])
def test_accepted_tokens_are_of_every_subject_under_every_key(previous_key: bool, count: int) -> None:
    keys = Keys(SECRET, previous=OTHER)

    assert len(set(keys.accepted_tokens([SUBJECT, TokenSubject("", 0)], previous_key=previous_key))) == count


def test_a_signature_is_of_one_run_and_one_expiry() -> None:
    keys = Keys(SECRET)
    signatures = {keys.link_signature(run, expires=expires) for run in ("A", "B") for expires in (1, 2)}

    assert len(signatures) == 4


def test_a_run_and_its_expiry_can_not_be_read_otherwise() -> None:
    keys = Keys(SECRET)

    assert keys.link_signature("A:1", expires=2) != keys.link_signature("A", expires=12)


def test_no_purpose_shares_a_key_with_another() -> None:
    keys = Keys(SECRET)

    assert keys.cron_token(TokenSubject("A", 1)) != keys.link_signature("A", expires=1)


def test_the_canary_shows_nothing_of_the_secret() -> None:
    assert SECRET not in Keys(SECRET).canary_now


def test_the_canary_knows_the_secret_before() -> None:
    assert Keys(SECRET, previous=OTHER).canary_previous == Keys(OTHER).canary_now


def test_what_was_sealed_can_be_read_again() -> None:
    cipher = Keys(SECRET).cipher

    assert cipher.open(cipher.seal("clé")) == "clé"


def test_what_the_secret_before_sealed_can_be_read() -> None:
    assert Keys(SECRET, previous=OTHER).cipher.open(Keys(OTHER).cipher.seal("clé")) == "clé"


def test_a_foreign_secret_reads_nothing() -> None:
    with pytest.raises(UnreadableSecret):
        Keys(SECRET).cipher.open(Keys(OTHER).cipher.seal("clé"))


def test_a_changed_text_is_not_read() -> None:
    cipher = Cipher([b"k" * 32])
    sealed = bytearray(cipher.seal("clé"))
    sealed[20] ^= 1

    with pytest.raises(UnreadableSecret):
        cipher.open(bytes(sealed))


@pytest.mark.parametrize(
    ("given", "expected", "right"),
    [
        ("a", ["b", "a"], True),
        ("a", ["b"], False),
        ("", ["a"], False),
        ("", [""], False),
        ("é\0", ["a"], False),
        ("a", [], False),
    ],
)
def test_a_text_is_compared_with_each(given: str, expected: list[str], right: bool) -> None:
    assert same(given, expected) is right


def test_a_secret_is_made_in_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    secret, is_new = keep_secret(tmp_path / "data" / "secret.key")

    assert (len(secret), is_new) == (64, True)


def test_a_secret_is_kept(tmp_path: Path) -> None:
    secret, _ = keep_secret(tmp_path / "secret.key")

    assert keep_secret(tmp_path / "secret.key") == (secret, False)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_key_file_is_for_its_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        keep_secret(tmp_path / "secret.key")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_nothing_is_left_beside_a_key_file(tmp_path: Path) -> None:
    keep_secret(tmp_path / "secret.key")

    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_two_processes_that_start_together_keep_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        kept = set(threads.map(lambda number: keep_secret(tmp_path / "secret.key")[0], range(8)))

    assert kept == {(tmp_path / "secret.key").read_text().strip()}


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("mine, not to be lost\n")

    assert keep_secret(tmp_path / "secret.key") == ("mine, not to be lost", False)


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    """A crash between making the file and writing it must not become the secret that everybody knows."""
    (tmp_path / "secret.key").write_text("\n")

    with pytest.raises(BadInput, match="is empty"):
        keep_secret(tmp_path / "secret.key")
