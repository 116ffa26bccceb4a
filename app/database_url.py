"""The address of the database, checked before anything tries to use it: no error may repeat a part of its password."""

import re
from urllib.parse import parse_qsl

_SCHEMES = ("sqlite:///", "postgresql://", "postgres://")
# What ends a user or a password when it is not percent-encoded, and the form in which it has to be written.
_ENCODED = {"@": "%40", ":": "%3A", "/": "%2F", "?": "%3F", "#": "%23", "[": "%5B", "]": "%5D", " ": "%20"}
_RAW_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_HIGHEST_PORT = 65_535


def checked_database_url(url: str) -> str:
    """Return the URL as SQLAlchemy writes it; raises ValueError with what to write instead, never with the URL."""
    if not url.startswith(_SCHEMES):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if url.startswith("sqlite"):
        return url
    scheme, _, rest = url.partition("://")
    credentials, _, place = rest.rpartition("@")
    _check_credentials(credentials)
    place, _, options = place.partition("?")
    _check_host(place.partition("/")[0])
    mode = dict(parse_qsl(options)).get("sslmode")
    if mode is not None and mode not in _SSL_MODES:
        raise ValueError(f"its sslmode must be one of {', '.join(_SSL_MODES)}")
    return f"postgresql{scheme.removeprefix('postgresql').removeprefix('postgres')}://{rest}"


def _check_credentials(credentials: str) -> None:
    user, _, password = credentials.partition(":")
    raw = [sign for sign in _ENCODED if sign in user + password]
    forms = [f"{sign if sign != ' ' else 'a blank'} as {_ENCODED[sign]}" for sign in raw]
    if _RAW_PERCENT.search(credentials):
        forms.append("% as %25")
    if forms:
        raise ValueError(f"its user or password holds signs that must be percent-encoded: write {', '.join(forms)}")


def _check_host(host: str) -> None:
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) <= _HIGHEST_PORT):
        raise ValueError(
            "has a port that is no number from 1 to 65535. A password with one of @ : / ? # % must be percent-encoded: "
            "%40 %3A %2F %3F %23 %25"
        )
    if "#" in (name or host):
        raise ValueError("holds a #. In a password it is written %23")
