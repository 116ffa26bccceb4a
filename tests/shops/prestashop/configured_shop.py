"""A PrestaShop that says of itself what a test wants, and is ready for orders unless it is told otherwise."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import httpx

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.checks.shop_check import check
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.quotas import SINGULAR
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.setup import facts_of
from app.transport.references import MemoryReferences
from tests.shops.prestashop.fake_prestashop import KEY, a_setup, answer, refusal
from tests.support.aio import run

VERBS = ("get", "put", "post", "patch", "delete", "head")
RESOURCES = tuple(name for name in SINGULAR if name != "order_details")
FLAGS = ("logable", "paid", "shipped", "invoice", "send_email", "deleted")
ADDRESS = "https://shop.example"

Row = dict[str, str]


def a_row(state_id: int, name: str, *flags: str) -> Row:
    """A state with these flags."""
    return {"id": str(state_id), "name": name, **{flag: "1" if flag in flags else "0" for flag in FLAGS}}


# An entry state without payment, and those that every shop has.
STATES = (
    a_row(2, "Paiement accepté", "logable", "paid", "invoice", "send_email"),
    a_row(3, "En cours de préparation", "logable", "paid", "invoice", "send_email"),
    a_row(4, "Expédié", "logable", "paid", "shipped", "invoice", "send_email"),
    a_row(5, "Livré", "logable", "paid", "shipped", "invoice"),
    a_row(6, "Annulé", "send_email"),
    a_row(8, "Erreur de paiement", "send_email"),
    a_row(11, "Paiement à distance accepté", "logable", "paid", "invoice", "send_email"),
    a_row(14, "Commande marketplace"),
)
CARRIERS = (
    {"id": "1", "id_reference": "1", "name": "Retrait", "active": "1", "deleted": "0", "is_free": "1"},
    {"id": "7", "id_reference": "2", "name": "Colis", "active": "1", "deleted": "0", "is_free": "0"},
    {"id": "3", "id_reference": "3", "name": "Palette", "active": "0", "deleted": "0", "is_free": "1"},
)
COUNTRIES = (
    {"id": "8", "iso_code": "FR", "active": "1", "contains_states": "0", "zip_code_format": "NNNNN"},
    {"id": "10", "iso_code": "IT", "active": "0", "contains_states": "1", "zip_code_format": "NNNNN"},
)
SETTINGS = {
    "PS_COUNTRY_DEFAULT": "8",
    "PS_CURRENCY_DEFAULT": "1",
    "PS_OS_WS_PAYMENT": "14",
    "PS_PRICE_ROUND_MODE": "2",
    "PS_ROUND_TYPE": "2",
    "PS_STOCK_MANAGEMENT": "1",
    "PS_TAX": "1",
    "PS_TIMEZONE": "Europe/Paris",
}


@dataclass
class ConfiguredShop:
    """What it is asked for, it tells; `denied` by resource is what the key may not do."""

    version: str = "8.2.1"
    settings: Mapping[str, str] = field(default_factory=dict)
    states: Sequence[Row] = STATES
    carriers: Sequence[Row] = CARRIERS
    countries: Sequence[Row] = COUNTRIES
    groups: Sequence[Row] = ({"id": "2", "name": "Invité", "reduction": "0.00"},)
    denied: Mapping[str, Iterable[str]] = field(default_factory=dict)
    noise: bytes = b""
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        said = self._answer(request.url.path.partition("/api/")[2])
        said.headers["PSWS-Version"] = self.version
        return httpx.Response(said.status_code, headers=said.headers, content=self.noise + said.content)

    def _answer(self, asked: str) -> httpx.Response:
        resource, _, number = asked.partition("/")
        if not resource:
            return answer(f"<api>{''.join(map(self._rights, RESOURCES))}</api>")
        if "get" in self.denied.get(resource, ()):
            return refusal(401, 26)
        rows = self._rows(resource)
        if not number:
            return answer(f"<{resource}>{''.join(_xml(resource, row) for row in rows)}</{resource}>")
        row = next((each for each in rows if each["id"] == number), None)
        return answer(_xml(resource, row)) if row else answer("", status=404)

    def _rights(self, resource: str) -> str:
        denied = self.denied.get(resource, ())
        held = " ".join(f'{verb}="{str(verb not in denied).lower()}"' for verb in VERBS)
        return f"<{resource} {held}/>"

    def _rows(self, resource: str) -> Sequence[Row]:
        settings = {**SETTINGS, **self.settings}
        reported: Mapping[str, Sequence[Row]] = {
            "configurations": [
                {"id": str(number), "name": name, "value": value}
                for number, (name, value) in enumerate(settings.items(), start=1)
            ],
            "order_states": self.states,
            "carriers": self.carriers,
            "countries": self.countries,
            "currencies": [{"id": "1", "iso_code": "EUR", "conversion_rate": "1.000000", "deleted": "0"}],
            "languages": [{"id": "1", "iso_code": "fr", "active": "1"}],
            "groups": self.groups,
        }
        return reported.get(resource, ())


PLAIN = ShopMapping()


def checked(
    shop: Callable[[httpx.Request], httpx.Response], *, mapping: ShopMapping = PLAIN, **config: object
) -> Sequence[Finding]:
    """Return what a check of that shop finds."""
    chosen = {"url": ADDRESS, "key": KEY, **config}
    setup = a_setup(shop, **chosen)

    async def facts(*, fresh: bool = False) -> Facts:
        return await facts_of(setup.client, references=MemoryReferences(), clock=setup.clock, fresh=fresh)

    model = PrestashopConfig.model_validate(chosen)
    return run(check(setup.client, config=model, mapping=mapping, facts=facts))


def line(findings: Iterable[Finding], code: str) -> Finding:
    """Return the one line of that code."""
    (found,) = [each for each in findings if each.code == code]
    return found


def troubles(findings: Iterable[Finding]) -> list[str]:
    """Return the codes of the lines that are not good."""
    return [each.code for each in findings if not each.ok]


def _xml(resource: str, row: Row) -> str:
    cells = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in row.items())
    return f"<{SINGULAR[resource]}>{cells}</{SINGULAR[resource]}>"
