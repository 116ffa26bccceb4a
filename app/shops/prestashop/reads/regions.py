"""The regions of a shop's countries, by what a marketplace calls them."""

from app.shops.prestashop.client import Client, any_of
from app.shops.prestashop.reads.facts import Country


class Regions:
    """The regions of one shop, read once a country."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ids: dict[str, dict[str, str]] = {}

    async def id_of(self, region: str, *, country: Country) -> str:
        """Return the shop's id of a region by its code or name, empty where it knows none.

        It decides on the taxes of some countries.
        """
        name = region.strip().casefold()
        if not name or not country.contains_states:
            return ""
        if country.id not in self._ids:
            found = await self._client.find(
                "states",
                display=("id", "iso_code", "name"),
                filters={"id_country": any_of([country.id])},
                sort="id_DESC",
            )
            self._ids[country.id] = {each[name].casefold(): each.id for name in ("name", "iso_code") for each in found}
        return self._ids[country.id].get(name, "")
