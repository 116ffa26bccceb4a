"""Everything that is derived from SECRET_KEY: one key per purpose, so that none can be used for another.

A cron token is an HMAC over the account's random id and a generation. It is never stored: the URL can always be shown
again and a stolen database gives no token.
"""

import base64
import hashlib
import hmac
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import BadInput

MIN_SECRET_LENGTH = 32


def _derive(secret: str, purpose: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"marketcron/" + purpose.encode())
    return hkdf.derive(secret.encode())


def _url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class UnreadableSecret(Exception):
    """What was encrypted can't be read with the keys at hand."""


class Cipher:
    """Encrypts what must not lie open in the database; reads what an earlier key wrote."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def reseal(self, sealed: bytes) -> bytes:
        """Return the same text under the newest key; raises UnreadableSecret when none of the keys fits."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as exc:
            raise UnreadableSecret from exc

    def open(self, sealed: bytes) -> str:
        """Return the text; raises UnreadableSecret when none of the keys fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as exc:
            raise UnreadableSecret from exc


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """What a cron token stands for: an account's random id and the generation of its token."""

    account_id: str
    generation: int


class Keys:
    """The derived keys of the current secret, and of an earlier one while it is still known."""

    def __init__(self, secret: str, *, previous: str = "") -> None:
        secrets = [secret, previous] if previous else [secret]
        self._tokens = [_derive(each, "cron-token") for each in secrets]
        self._links = _derive(secret, "report-link")
        self.cipher = Cipher([_derive(each, "encryption") for each in secrets])
        self.canary_now = _url64(_derive(secret, "canary"))
        self.canary_previous = _url64(_derive(previous, "canary")) if previous else None

    def cron_token(self, subject: TokenSubject, *, key: int = 0) -> str:
        """Return the token (43 characters, base64url); `key` 1 is the previous secret's."""
        message = f"{subject.account_id}:{subject.generation}".encode()
        return _url64(hmac.new(self._tokens[key], message, hashlib.sha256).digest())

    def accepted_tokens(self, subjects: Sequence[TokenSubject], *, previous_key: bool) -> list[str]:
        """Return the tokens of every subject under every key still honoured; as many for any subjects."""
        keys = range(len(self._tokens)) if previous_key else range(1)
        return [self.cron_token(subject, key=key) for subject in subjects for key in keys]

    def link_signature(self, run_id: str, *, expires: int) -> str:
        """Return the signature that opens one report until `expires` (epoch seconds)."""
        return _url64(hmac.new(self._links, f"{run_id}:{expires}".encode(), hashlib.sha256).digest())


def same(given: str, expected: Sequence[str]) -> bool:
    """Compare in constant time with each of the expected texts; an empty one is never right."""
    raw = given.encode()
    matches = [hmac.compare_digest(raw, each.encode()) for each in expected]
    return any(matches) and bool(given)


def keep_secret(path: Path) -> tuple[str, bool]:
    """Return the secret kept in that file and whether it was made just now (0600, never overwritten).

    Raises BadInput for an empty file: everybody would know that secret.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return _read_secret(path), False
    secret = _url64(os.urandom(48))
    # Written whole before it gets its name, so that a crash leaves no empty file; linked, since a rename overwrites.
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return _read_secret(path), False
    finally:
        os.unlink(draft)
    return secret, True


def _read_secret(path: Path) -> str:
    secret = path.read_text().strip()
    if not secret:
        raise BadInput(f"{path} is empty. Restore it from a backup, or delete it to have a new one made.")
    return secret
