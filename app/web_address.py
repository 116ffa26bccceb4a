"""Web addresses that people configure: whether they can be called, and whether a secret may travel there."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

_HOST = re.compile(r"[\w.:-]+")


def web_address(text: str) -> SplitResult:
    """Return the parts of an http or https address; raises ValueError for a host or port that can't be called."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.hostname or "") or parts.port == 0:
        raise ValueError("not a web address")
    return parts


def base_address(text: str) -> SplitResult:
    """Return the parts of a web address to which paths can be added; raises ValueError for user, query or fragment."""
    parts = web_address(text)
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise ValueError("more than scheme, host and path")
    return parts


def is_secure(address: SplitResult) -> bool:
    """Whether what is sent to an address is encrypted, or stays on this machine."""
    return address.scheme == "https" or is_loopback(address.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, by its name or its number."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
