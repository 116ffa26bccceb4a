"""The tax rates of a shop by country, as PrestaShop finds them: the most specific rule of a group first."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from app.shops.prestashop.client import Client, any_of
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.records import Record

_NO_GROUP = ("", "0")
# What a rule does with the less specific ones behind it: shuts them out, adds them, taxes what is taxed already.
_ALONE, _ONE_AFTER_ANOTHER = "0", "2"


class TaxRates:
    """The rates of one shop, read once a country."""

    def __init__(self, client: Client, facts: Facts) -> None:
        self._client, self._facts = client, facts
        self._rules: dict[str, list[Record]] = {}
        self._taxes: dict[str, Decimal] = {}

    async def rate(self, tax_group: str, *, country_id: str, postcode: str = "", state_id: str = "") -> Decimal:
        """Return the rate of a tax rules group at an address in percent, 0 where no rule says one."""
        if tax_group in _NO_GROUP or self._facts.setting("PS_TAX", "1") == "0":
            return Decimal(0)
        rules = [each for each in await self._rules_of(country_id) if each["id_tax_rules_group"] == tax_group]
        applied = _applied(rules, postcode=postcode, state_id=state_id)
        rates = [self._taxes.get(each["id_tax"], Decimal(0)) for each in applied]
        if not applied or applied[0]["behavior"] != _ONE_AFTER_ANOTHER:
            return sum(rates, Decimal(0))
        factor = Decimal(1)
        for rate in rates:
            factor *= 1 + rate / 100
        return (factor - 1) * 100

    async def _rules_of(self, country_id: str) -> list[Record]:
        if country_id not in self._rules:
            rules = await self._client.find("tax_rules", filters={"id_country": any_of([country_id])}, sort="id_ASC")
            unknown = sorted({each["id_tax"] for each in rules} - self._taxes.keys() - {"", "0"})
            taxes = await self._client.find_all("taxes", name="id", values=unknown, display=("id", "rate"))
            self._taxes |= {each.id: _percent(each["rate"]) for each in taxes}
            self._rules[country_id] = rules
        return self._rules[country_id]


def _applied(rules: Sequence[Record], *, postcode: str, state_id: str) -> list[Record]:
    """Return the rules that hold for an address, the most specific first, up to one that stands alone."""
    holding = [
        each for each in rules if each["id_state"] in ("", "0", state_id) and _holds(each, postcode=postcode or "0")
    ]
    holding.sort(key=lambda each: (each["zipcode_from"], each["zipcode_to"], each["id_state"]), reverse=True)
    last = next((place for place, each in enumerate(holding) if each["behavior"] in ("", _ALONE)), len(holding))
    return holding[: last + 1]


def _holds(rule: Record, *, postcode: str) -> bool:
    first, last = rule["zipcode_from"] or "0", rule["zipcode_to"] or "0"
    # Postcodes are texts to PrestaShop, and so is their order.
    return first <= postcode <= last or (last == "0" and first in ("0", postcode))


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
