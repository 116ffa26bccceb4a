"""What a connection test says about marketplaces and their currencies."""

from decimal import Decimal

from app.marketplaces.amazon import findings
from app.marketplaces.amazon.mapping import Participation
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import STORES

IDS = [STORES[country].id for country in ("FR", "UK", "PL", "SE")]


def test_marketplaces_without_a_rate_are_named() -> None:
    [finding] = findings.rates(IDS, ExchangeRates("EUR", {"PLN": Decimal("4.30")}))

    assert finding.ok
    assert "UK (GBP) and SE (SEK)" in finding.sentence
    assert "EUR" in finding.sentence
    assert "rate" in finding.fix


def test_where_all_rates_are_known_nothing_is_said() -> None:
    assert findings.rates(IDS[:1], ExchangeRates("EUR")) == ()
    assert findings.rates([], ExchangeRates("EUR")) == ()


def test_without_the_role_to_know_where_it_sells_offers_need_the_marketplaces_named() -> None:
    [unnamed], [named] = (findings.marketplaces(None, chosen=chosen) for chosen in ([], IDS))

    assert "Offers need" in unnamed.fix
    assert "Offers need" not in named.fix


def test_who_chose_some_of_his_marketplaces_reads_that_only_these_are_served() -> None:
    known = [a_participation(country) for country in ("FR", "DE", "IT")]

    [some] = findings.marketplaces(known, chosen=[STORES["FR"].id, STORES["IT"].id])
    [all_of_them] = findings.marketplaces(known, chosen=[])

    assert (
        some.sentence
        == "The account sells in: FR, DE and IT. Of these, only FR and IT are served, as the settings say."
    )
    assert all_of_them.sentence == "The account sells in: FR, DE and IT."


def a_participation(country: str) -> Participation:
    return Participation(marketplace_id=STORES[country].id, country=country, sells=True, suspended=False)
