"""A connection test says what it found and how to mend it."""

from dataclasses import replace

import pytest

from app.marketplaces.mirakl import findings
from app.marketplaces.mirakl.mapping import Account, PlatformConfiguration

OPEN = Account(shop_id="2042", name="Essai", state="OPEN", suspension="", closed_from="", closed_to="", currency="EUR")
CONFIGURATION = PlatformConfiguration(
    order_acceptance="NOT_AUTOMATIC", early_addresses=False, listed_carriers_only=False, timezone="Europe/Paris"
)


@pytest.mark.parametrize("configured", ["", "2042"])
def test_the_shop_of_the_key_is_named(configured: str) -> None:
    finding = findings.shop_number(OPEN, configured=configured, refused=False)

    assert finding.ok
    assert "“Essai” number 2042" in finding.sentence


@pytest.mark.parametrize(("configured", "refused"), [("7", False), ("7", True), ("2042", True)])
def test_another_shop_than_the_configured_one_is_not_good(configured: str, refused: bool) -> None:
    finding = findings.shop_number(OPEN, configured=configured, refused=refused)

    assert not finding.ok
    assert finding.fix


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        (replace(OPEN, state="TERMINATED"), "The operator ended the shop's contract."),
        (
            replace(OPEN, state="SUSPENDED", suspension="PENDING_APPROVAL"),
            "The operator suspended the shop (until it is approved).",
        ),
        (replace(OPEN, state="SUSPENDED", suspension="NEW_WORD"), "The operator suspended the shop (NEW_WORD)."),
        (
            replace(OPEN, state="CLOSE", closed_from="2026-08-01T00:00:00Z", closed_to="2026-08-15T00:00:00Z"),
            "The shop is closed, from 2026-08-01T00:00:00Z, to 2026-08-15T00:00:00Z.",
        ),
        (replace(OPEN, state="NEW_WORD"), "The shop is neither open nor closed: “NEW_WORD”."),
        (replace(OPEN, state=""), "The shop is neither open nor closed."),
    ],
)
def test_a_shop_that_does_not_sell_is_not_good(account: Account, sentence: str) -> None:
    state, _ = findings.shop(account)

    assert (state.ok, state.sentence) == (False, sentence)
    assert state.fix


def test_an_open_shop_with_a_currency_is_good() -> None:
    assert [finding.ok for finding in findings.shop(OPEN)] == [True, True]


def test_a_missing_currency_is_not_good() -> None:
    _, currency = findings.shop(replace(OPEN, currency=""))

    assert not currency.ok


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (CONFIGURATION, "Every order waits"),
        (replace(CONFIGURATION, order_acceptance="AUTOMATIC"), "orders-accept has nothing to do"),
        (replace(CONFIGURATION, order_acceptance="BOTH"), "in some shops"),
        (replace(CONFIGURATION, order_acceptance=""), "does not say how orders are accepted"),
        (replace(CONFIGURATION, early_addresses=True), "before the acceptance"),
        (CONFIGURATION, "it is imported then"),
        (replace(CONFIGURATION, listed_carriers_only=True), "give each shop carrier one of them"),
        (CONFIGURATION, "Europe/Paris"),
        (None, "can't be read with this key"),
    ],
)
def test_the_platform_configuration_is_reported_in_words(
    configuration: PlatformConfiguration | None, words: str
) -> None:
    reported = findings.operator(configuration)

    assert all(finding.ok for finding in reported)
    assert any(words in finding.sentence for finding in reported)
