import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transport.redact import RedactingFilter, redact, short


@pytest.mark.parametrize(
    "text",
    [
        "GET /cron/amazon/orders-import?token=SECRET&recheck=1",
        "https://shop.example/api/?ws_key=SECRET",
        "https://host/runs/1?sig=SECRET",
        "grant_type=x&client_secret=SECRET&refresh_token=SECRET",
        "next=%2Fcron%3Ftoken%3DSECRET",
        "login=a&pwd=SECRET#top",
        "api_key=SECRET password=SECRET",
        "Authorization: Bearer SECRET",
        "authorization=Basic SECRET",
        "{'Authorization': 'SECRET', 'Accept': 'x'}",
        "X-Cron-Token: SECRET",
        "Cookie: session=SECRET; other=SECRET",
        "sent with bearer SECRETSECRET",
        '{"access_token": "SECRET", "expires_in": 3600}',
        '"{\\"api_key\\": \\"SECRET\\"}"',
        "postgresql://marketcron:SECRET@db.example/marketcron",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    clean = redact(text)

    assert "SECRET" not in clean
    assert "***" in clean
    assert redact(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "jo.doe+shop@mail.example.com",
        "jo%40mail.example",
        "+33 6 12 34 56 78",
        "+33612345678",
        "%2B33612345678",
        "0033612345678",
        "0033 6 12 34 56 78",
        "06 12 34 56 78",
        "0612345678",
        "01.23.45.67.89",
        "030 12 34 56 78",
        "+49 (0)30 123456",
    ],
)
def test_people_are_masked(text: str) -> None:
    clean = redact(f"order of {text}, to ship")

    assert clean in ("order of [e-mail], to ship", "order of [phone], to ship")


@pytest.mark.parametrize(
    "text",
    [
        "order 402-1234567-7654321 imported",
        "order C0000123-A waits",
        "EAN 3760123456789",
        "2026-11-21T09:20:00Z",
        "2026-11-21T09:20:00.123+01:00",
        "price 12.90 EUR, quantity 3 of 10",
        "01JABCDEFGHJKMNPQRSTVWXYZ0",
        "12 orders imported, 1 needs you: SKU unknown in the shop",
        "http://127.0.0.1:9000/mirakl/api/orders?offset=100&max=100",
        "192.168.100.200:53120",
        "2009121234567 shipped at 1764000000.123",
    ],
)
def test_what_a_person_needs_stays(text: str) -> None:
    assert redact(text) == text


def test_known_secrets_are_masked_wherever_they_stand() -> None:
    assert redact("no shop for abcdef123", secrets=["abcdef", "abcdef123"]) == "no shop for ***"


def test_a_short_text_is_one_line_without_markup() -> None:
    text = "<?xml version='1.0'?><errors>\n <error><![CDATA[Bad  quantity]]></error>\x00\u202e if 3 < 5 </errors>"

    assert short(text) == "Bad quantity if 3 < 5"


def test_a_short_text_ends_after_300_characters() -> None:
    assert short("x" * 1000) == "x" * 299 + "…"
    assert short("x" * 300) == "x" * 300


def test_a_secret_at_the_cut_is_masked_first() -> None:
    assert "jo" not in short("x" * 290 + " jo.doe@mail.example")


@pytest.mark.parametrize("text", [b"\xff\xfe\x00\xc3", "\ud800", b"", ""])
def test_odd_bytes_do_no_harm(text: str | bytes) -> None:
    assert isinstance(short(text), str)


@pytest.mark.parametrize("pattern", ["a", "0 ", "00 ", "a-", "key", "token:", "://", "a@", "<a", "+1 ", "bearer "])
@pytest.mark.timeout(30)
def test_long_texts_stay_cheap(pattern: str) -> None:
    redact(pattern * 20_000)


class TestTheLogFilter:
    @staticmethod
    def line(message: object, *args: object, **more: object) -> logging.LogRecord:
        record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, message, args, None)
        record.__dict__.update(more)
        assert RedactingFilter().filter(record)
        return record

    def test_the_access_log_keeps_its_arguments(self) -> None:
        record = self.line('%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "GET", "/cron/a/b?token=SECRET", "1.1", 200)

        assert record.args == ("1.2.3.4:5", "GET", "/cron/a/b?token=***", "1.1", 200)

    def test_a_secret_beside_its_name_is_seen(self) -> None:
        assert self.line("token=%s", "SECRET").getMessage() == "token=***"

    def test_objects_are_redacted_as_text(self) -> None:
        assert "SECRET" not in self.line("failed: %s", ValueError("sig=SECRET")).getMessage()

    def test_named_arguments_work(self) -> None:
        record = logging.LogRecord("x", logging.INFO, "", 0, "%(url)s", ({"url": "/?key=SECRET"},), None)
        RedactingFilter().filter(record)

        assert record.getMessage() == "/?key=***"

    def test_a_broken_record_passes_redacted(self) -> None:
        assert "SECRET" not in self.line("%d %d", "token=SECRET").getMessage()

    def test_events_keep_their_shape(self) -> None:
        record = self.line({"event": "call", "url": "/?key=SECRET", "status": 200})

        assert record.msg == {"event": "call", "url": "/?key=***", "status": 200}

    def test_tracebacks_are_redacted(self) -> None:
        try:
            raise ValueError("password=SECRET")
        except ValueError:
            record = self.line("oops", exc_info=sys.exc_info())

        assert "SECRET" not in logging.Formatter().format(record)


@given(st.from_regex(r"[\w.+@=:/ -]{0,14}", fullmatch=True))
def test_a_word_is_treated_alike_on_its_own_and_between_others(word: str) -> None:
    assert redact(f"{word} | ") == f"{redact(word)} | "
