"""Compares two answers as callers read them: status, type, and the body as a tree. What can't be equal is forgiven."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx

from tests.sandbox.prestashop.recordings import Recording

# A write may fall into the second before or after.
SAME_MOMENT = timedelta(seconds=2)
# PHP's own warnings tell paths and lines of the program, and its XML parser has more to say than ours.
WARNING = "3"
PASSWORD = re.compile(r"\$2y\$10\$\S+")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


# Headers that must be the same, and those that must be there.
SAME_HEADERS = ("content-type", "location", "psws-version", "www-authenticate")
PRESENT_HEADERS = ("access-time", "execution-time", "content-sha1")


def differences(recording: Recording, answer: httpx.Response) -> list[str]:
    """Return what a caller would notice; nothing when the answers are the same."""
    return [*_outside(recording, answer), *_apart(_tree(recording.received), _tree(answer.content), "")]


def _outside(recording: Recording, answer: httpx.Response) -> Iterator[str]:
    if answer.status_code != recording.status:
        yield f"status {answer.status_code} instead of {recording.status}"
    for name in SAME_HEADERS:
        if _spaceless(answer.headers.get(name)) != _spaceless(recording.headers.get(name)):
            yield f"{name} {answer.headers.get(name)!r} instead of {recording.headers.get(name)!r}"
    for name in PRESENT_HEADERS:
        if (name in answer.headers) != (name in recording.headers):
            yield f"{name} is {'there' if name in answer.headers else 'not there'}"


def _spaceless(value: str | None) -> str | None:
    return None if value is None else value.replace(" ", "")


def _tree(body: bytes) -> Any:
    text = body.decode().strip()
    if text.startswith("<?xml"):
        return _element(ElementTree.fromstring(text))
    if text.startswith(("{", "[")):
        return _content(json.loads(text))
    return text


def _element(element: ElementTree.Element) -> Any:
    children = [_element(each) for each in element]
    if element.tag == "errors":
        children = [each for each in children if each["children"][0]["text"] != WARNING] + _once(
            [each for each in children if each["children"][0]["text"] == WARNING]
        )
    return {
        "tag": element.tag,
        "attributes": dict(element.attrib),
        "text": (element.text or "").strip(),
        "children": children,
    }


def _once(warnings: list[Any]) -> list[Any]:
    return [{"tag": "error", "attributes": {}, "text": "", "children": []}] if warnings else []


def _content(content: Any) -> Any:
    if isinstance(content, dict) and "errors" in content:
        errors = [each for each in content["errors"] if str(each["code"]) != WARNING]
        return {"errors": errors, "warned": len(errors) < len(content["errors"])}
    return content


def _apart(theirs: Any, ours: Any, path: str) -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        answered = f"{path}/{theirs.get('tag', '')}" if "tag" in theirs else path
        if list(theirs) != list(ours):
            yield f"{answered}: keys {list(ours)} instead of {list(theirs)}"
        for key in theirs:
            if key in ours:
                yield from _apart(theirs[key], ours[key], answered if "tag" in theirs else f"{answered}/{key}")
    elif isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            yield f"{path}: {len(ours)} instead of {len(theirs)}"
        for one, other in zip(theirs, ours, strict=False):
            yield from _apart(one, other, path)
    elif not _same(theirs, ours):
        yield f"{path}: {ours!r} instead of {theirs!r}"


def _same(theirs: Any, ours: Any) -> bool:
    if type(theirs) is not type(ours):
        return False
    if theirs == ours:
        return True
    if not isinstance(theirs, str):
        return False
    if MOMENT.fullmatch(theirs) and MOMENT.fullmatch(ours):
        return _moments_meet(theirs, ours)
    return bool(PASSWORD.fullmatch(theirs) and PASSWORD.fullmatch(ours))


def _moments_meet(theirs: str, ours: str) -> bool:
    try:
        return abs(datetime.fromisoformat(theirs) - datetime.fromisoformat(ours)) <= SAME_MOMENT
    except ValueError:
        return False
