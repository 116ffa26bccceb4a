"""What is written where a tracking number belongs: a number, several, a link, or a word for none. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

_NONE = frozenset({"", "na", "nc", "no", "none", "non", "null", "nil", "aucun", "aucune", "sans", "inconnu", "unknown"})
_BETWEEN = re.compile(r"[,;|\r\n\t]+|\s+(?:et|and|&|\+)\s+", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
# What a number in a link looks like: letters and digits, some digits among them.
_IN_LINK = re.compile(r"(?=(?:.*\d){4})[A-Za-z0-9-]{6,40}")


@dataclass(frozen=True, slots=True)
class Tracking:
    """One tracking number, and the link that it came from; without one, `url` is empty."""

    number: str
    url: str = ""


def tracking_numbers(written: str) -> tuple[Tracking, ...]:
    """Return the tracking numbers of a text, each once; none for what stands for none, or for a link without one."""
    links = _LINK.findall(written)
    found = [tracking for link in links if (tracking := _of_link(link.rstrip(",;|")))]
    # A number beside a link is that of the link.
    texts = _numbers(_LINK.sub(" , ", written))
    beside = [Tracking(text) for text in texts if not links or any(sign.isdigit() for sign in text)]
    if len(beside) == len(links) == 1:
        return (Tracking(beside[0].number, links[0]),)
    return tuple({each.number: each for each in (*beside, *found)}.values())


def _numbers(text: str) -> Iterator[str]:
    for part in _BETWEEN.split(text):
        number = part.strip()
        if re.sub(r"[\W_]", "", number).casefold() not in _NONE:
            yield number


def _of_link(link: str) -> Tracking | None:
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    values = [value for _, value in parse_qsl(parts.query)]
    candidates = [*map(unquote, parts.path.split("/")), *values, *re.split(r"[/=&?]", unquote(parts.fragment))]
    numbers = [each for each in candidates if _IN_LINK.fullmatch(each)]
    return Tracking(numbers[-1], link) if numbers else None
