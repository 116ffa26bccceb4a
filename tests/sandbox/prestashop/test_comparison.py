"""The comparison sees what a caller would see, and forgives no more than it says."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.sandbox.prestashop.comparison import differences
from tests.sandbox.prestashop.recordings import Recording

XML = "text/xml;charset=utf-8"


def compared(theirs: str, ours: str, *, status: int = 200, kind: str = XML) -> list[str]:
    recording = Recording(
        name="some",
        verb="GET",
        target="/api/orders",
        authorization=None,
        sent=b"",
        status=200,
        headers={"content-type": XML},
        at=datetime(2026, 1, 1, tzinfo=UTC),
        received=theirs.encode(),
    )
    return differences(recording, httpx.Response(status, content=ours.encode(), headers={"content-type": kind}))


def page(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><prestashop>{inside}</prestashop>'


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("<id>1</id>", "<id>2</id>"),
        ("<id>1</id>", "<number>1</number>"),
        ("<id>1</id>", ""),
        ("<id>1</id><name/>", "<name/><id>1</id>"),
        ('<id href="a">1</id>', "<id>1</id>"),
        ("<date>2026-11-21 17:00:00</date>", "<date>2026-11-21 17:00:05</date>"),
        ("<errors><error><code>32</code></error></errors>", "<errors><error><code>34</code></error></errors>"),
    ],
)
def test_it_sees_a_difference(theirs: str, ours: str) -> None:
    assert compared(page(theirs), page(ours)) != []


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("<id>1</id>", "\n<id><![CDATA[1]]></id>"),
        ("<date>2026-11-21 17:00:00</date>", "<date>2026-11-21 17:00:01</date>"),
        ("<passwd>$2y$10$abc</passwd>", "<passwd>$2y$10$def</passwd>"),
    ],
)
def test_it_forgives_what_can_not_be_the_same(theirs: str, ours: str) -> None:
    assert compared(page(theirs), page(ours)) == []


def test_it_sees_another_status_and_another_type() -> None:
    assert len(compared(page("<id>1</id>"), page("<id>1</id>"), status=201, kind="text/html")) == 2
