"""What a connection test found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a check: a stable code, good or not, a sentence, and what to do when it is not good."""

    code: str
    ok: bool
    sentence: str
    fix: str = ""
