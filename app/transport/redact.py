"""Takes secrets and personal data out of texts that leave the process: logs, errors, reports."""

import logging
import re
from collections.abc import Iterable

MASK = "***"

_SECRET_NAME = r"(?:token|key|sig|signature|password|passwd|pwd|secret|credential|credentials)"  # noqa: S105
_SECRET_HEADER = r"(?:authorization|x-cron-token|x-amz-access-token|x-api-key)"  # noqa: S105

# Each starts at the edge of a word and has no open-ended repetition before its anchor, so that long texts stay cheap.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?i)\b((?:proxy-)?{_SECRET_HEADER})(['\"]?\s*[:=]\s*['\"]?)[^\r\n,;'\"]+"), rf"\1\2{MASK}"),
    (re.compile(r"(?i)\b((?:set-)?cookie)(['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+"), rf"\1\2{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {MASK}"),
    (re.compile(rf"(?i)(?<![\w-])([\w-]{{0,40}}{_SECRET_NAME})(=|%3D)[^&\s\"'<>#]+"), rf"\1\2{MASK}"),
    (
        re.compile(rf"(?i)(?<![\w-])([\w-]{{0,40}}{_SECRET_NAME}\\?['\"]\s*:\s*\\?['\"])[^'\"\\]+"),
        rf"\1{MASK}",
    ),
    (re.compile(r"://[^/\s@:]{1,200}(?::[^/\s@]{0,200})?@"), f"://{MASK}@"),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[e-mail]"),
    # Order numbers and EANs are digits too: a phone number is known by its country code or its groups.
    (
        re.compile(r"(?<![\w+])(?:\+|%2B|00(?=[1-9]\d?[ .(-])|00(?=[34]\d{10}\b))[1-9](?:[ .()/-]{0,2}\d){7,13}(?!\w)"),
        "[phone]",
    ),
    (re.compile(r"(?<![\w.-])0[1-9](?:[ .-]?\d{2}){4}(?![\w-])"), "[phone]"),
    (re.compile(r"(?<![\w.-])\d{2,4}(?: \d{2,4}){3,5}(?![\w-])"), "[phone]"),
)
# One word without a sign that any rule needs, and no number of that many digits: most of what a log line holds.
_PLAIN = re.compile(r"[\w.-]{0,9}|[A-Za-z_.-]*|\w*[^\W\d]\w*")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_TAG = re.compile(r"<[/?!a-zA-Z][^<>]{0,500}>")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\s]+")


def redact(text: str, *, secrets: Iterable[str] = ()) -> str:
    """Return the text without secrets, e-mail addresses and phone numbers; `secrets` are masked wherever they stand."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    if _PLAIN.fullmatch(text):
        return text
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def short(text: str | bytes, limit: int = 300, *, secrets: Iterable[str] = ()) -> str:
    """Return a remote text fit for an error: redacted, without markup, on one line, at most `limit` characters."""
    if isinstance(text, bytes):
        text = text[: 20 * limit].decode("utf-8", errors="replace")
    readable = _UNSEEN.sub(" ", _TAG.sub(" ", _CDATA.sub(" ", text[: 10 * limit]))).strip()
    clean = redact(readable, secrets=secrets)
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


class RedactingFilter(logging.Filter):
    """Redacts every record that passes; it keeps the shape that uvicorn's access log and structlog rely on."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, dict):
            record.msg = {
                name: redact(value) if isinstance(value, str) else value for name, value in record.msg.items()
            }
            return True
        if isinstance(record.args, dict):
            record.args = {name: _redacted(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_redacted(value) for value in record.args)
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            record.msg, record.args = f"{record.msg} {record.args}", None
            message = str(record.msg)
        clean = redact(message)
        # A secret may need its neighbour to be seen: "token=%s".
        if clean != message:
            record.msg, record.args = clean, None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def _redacted(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return redact(str(value))
