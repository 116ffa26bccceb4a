"""A PrestaShop of a few tables that answers questions as a real one does, odd ways included.

Rows come unsorted unless a sort is asked for; equality ignores case and accents; an unknown field, a date without
`date=1` and an address that is too long are refused.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import httpx

from app.clock import JumpingClock
from app.shops.prestashop.client import Client
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.quotas import SINGULAR
from app.shops.prestashop.reads.facts import Carrier, Country, Currency, Facts, State
from app.transport.connector import Connector, http_client
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.quotas import MemoryQuotas
from app.transport.references import MemoryReferences, ReferenceCache

NOW = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456"
# What Apache takes of a request line; the rest of it is small.
LONGEST_ADDRESS = 8000

Fields = dict[str, str]
Answer = Callable[[httpx.Request], httpx.Response]

# Every field that the resource has in a real shop and a question of ours may name, with a plain value.
TEMPLATES: Mapping[str, Fields] = {
    "products": {
        "reference": "",
        "supplier_reference": "",
        "ean13": "",
        "active": "1",
        "available_for_order": "1",
        "id_tax_rules_group": "1",
        "ecotax": "0.000000",
        "cache_is_pack": "0",
        "price": "10.000000",
        "name": "Lampe",
    },
    "combinations": {
        "id_product": "1",
        "reference": "",
        "supplier_reference": "",
        "ean13": "",
        "ecotax": "0.000000",
        "price": "0.000000",
    },
    "stock_availables": {
        "id_product": "1",
        "id_product_attribute": "0",
        "id_shop": "1",
        "id_shop_group": "0",
        "quantity": "0",
        "depends_on_stock": "0",
        "out_of_stock": "2",
    },
    "product_suppliers": {
        "id_product": "1",
        "id_product_attribute": "0",
        "id_supplier": "1",
        "product_supplier_reference": "",
    },
    "tax_rules": {
        "id_tax_rules_group": "1",
        "id_state": "0",
        "id_country": "8",
        "zipcode_from": "0",
        "zipcode_to": "0",
        "id_tax": "1",
        "behavior": "0",
    },
    "taxes": {"rate": "20.000", "active": "1", "deleted": "0"},
    "orders": {
        "id_currency": "1",
        "current_state": "11",
        "date_add": "2026-11-21 17:14:41",
        "date_upd": "2026-11-21 17:14:41",
        "payment": "Mirakl MKP-1",
        "gift_message": "mkp:mirakl:MKP-1",
        "total_paid": "43.480000",
        "total_paid_real": "43.480000",
    },
    "order_carriers": {"id_order": "1", "id_carrier": "1", "tracking_number": "", "date_add": "2026-11-21 17:14:41"},
    "order_histories": {
        "id_order": "1",
        "id_order_state": "11",
        "id_employee": "1",
        "date_add": "2026-11-21 17:14:41",
    },
    "carriers": {
        "id_reference": "1",
        "name": "Colissimo",
        "active": "1",
        "deleted": "0",
        "is_free": "1",
        "url": "https://track.example/@",
    },
}
_GETTERS = {"products": {"price_incl", "price_excl"}, "combinations": {"price_incl", "price_excl"}}


@dataclass
class FakePrestashop:
    """Tables by resource, and every question that was asked; `answer` replaces the answers."""

    tables: dict[str, list[Fields]] = field(default_factory=dict)
    rows: dict[tuple[str, str], list[Fields]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answer: Answer | None = None
    before_answer: Callable[[str], None] = lambda _resource: None

    def add(self, resource: str, record_id: int | str, **fields: object) -> None:
        """Put an entity into the shop; `order_rows` are those of an order."""
        order_rows: Any = fields.pop("order_rows", [])
        row = {"id": str(record_id), **TEMPLATES[resource], **{name: str(value) for name, value in fields.items()}}
        self.tables.setdefault(resource, []).append(row)
        self.rows[resource, str(record_id)] = [dict(each) for each in order_rows]

    def product(self, product_id: int, *, quantity: int = 5, incl: str = "12.00", **fields: object) -> None:
        """Put a product and its stock into the shop, with the price that the front shows."""
        price = {"price_incl": incl, "price_excl": str(round(Decimal(incl) / Decimal("1.2"), 6))}
        self.add("products", product_id, **price, **fields)
        self.stock(product_id, 0, quantity=quantity)

    def combination(
        self, product_id: int, attribute_id: int, *, quantity: int = 5, incl: str = "12.00", **fields: object
    ) -> None:
        """Put a combination of a product and its stock into the shop."""
        price = {"price_incl": incl, "price_excl": str(round(Decimal(incl) / Decimal("1.2"), 6))}
        self.add("combinations", attribute_id, id_product=product_id, **price, **fields)
        self.stock(product_id, attribute_id, quantity=quantity)

    def stock(self, product_id: int, attribute_id: int, *, quantity: int, **fields: object) -> None:
        number = len(self.tables.get("stock_availables", [])) + 1
        named = {"id_product": product_id, "id_product_attribute": attribute_id, "quantity": quantity}
        self.add("stock_availables", number, **named, **fields)

    def change(self, resource: str, record_id: int | str, **fields: object) -> None:
        row = next(each for each in self.tables[resource] if each["id"] == str(record_id))
        row |= {name: str(value) for name, value in fields.items()}

    def calls(self, resource: str = "") -> int:
        return sum(name == resource or not resource for name, _ in self.asked)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.answer is not None:
            return self.answer(request)
        resource = request.url.path.removeprefix("/api/")
        query = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        self.asked.append((resource, query))
        self.before_answer(resource)
        if len(str(request.url)) > LONGEST_ADDRESS:
            return httpx.Response(414, text="Request-URI Too Long")
        return self._list(resource, query)

    def _list(self, resource: str, query: Mapping[str, str]) -> httpx.Response:
        own = {"id", *TEMPLATES[resource]}
        filters = {name[7:-1]: value for name, value in query.items() if name.startswith("filter[")}
        sort = query.get("sort", "").strip("[]").removesuffix("_ASC")
        dated = {name for name in {*filters, sort} if name.startswith("date_")}
        if (dated and query.get("date") != "1") or not {*filters} <= own:
            return refusal(500, 32)
        if sort and sort not in own:
            return refusal(400, 38)
        display = query.get("display", "full")
        shown = sorted(own) if display == "full" else display.strip("[]").split(",")
        if not {*shown} <= own | _GETTERS.get(resource, set()):
            return refusal(400, 35)
        found = [each for each in self.tables.get(resource, []) if _matches(each, filters)]
        found.sort(key=lambda each: int(each["id"]), reverse=not sort)
        first, _, count = query.get("limit", "0,999999999").rpartition(",")
        found = found[int(first or 0) :][: int(count)]
        return answer(self._xml(resource, found, shown, with_rows=display == "full"))

    def _xml(self, resource: str, found: Iterable[Fields], shown: Iterable[str], *, with_rows: bool) -> str:
        entities = []
        for each in found:
            cells = "".join(f"<{name}>{_value(name, each.get(name, ''))}</{name}>" for name in shown)
            rows = "".join(
                f"<order_row>{''.join(f'<{name}>{escape(cell)}</{name}>' for name, cell in row.items())}</order_row>"
                for row in self.rows.get((resource, each["id"]), [])
            )
            held = f"<associations><order_rows>{rows}</order_rows></associations>" if with_rows else ""
            entities.append(f"<{SINGULAR[resource]}>{cells}{held}</{SINGULAR[resource]}>")
        return f"<{resource}>{''.join(entities)}</{resource}>"


def answer(content: str, *, status: int = 200) -> httpx.Response:
    """Return an answer of the Webservice around some XML."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<prestashop>{content}</prestashop>'
    headers = {"PSWS-Version": "8.2.1", "Access-Time": str(int(NOW.timestamp())), "Content-Type": "text/xml"}
    return httpx.Response(status, headers=headers, content=body.encode())


def refusal(status: int, *codes: int, message: str = "Ce filtre n'existe pas") -> httpx.Response:
    """Return a refusal with these codes, its text in the shop's language."""
    errors = "".join(f"<error><code>{code}</code><message>{escape(message)}</message></error>" for code in codes)
    return answer(f"<errors>{errors}</errors>", status=status)


@dataclass
class ClientSetup:
    """A client, the shop behind it, and the clock of both."""

    client: Client
    clock: JumpingClock
    requests: list[httpx.Request]
    lease_checks: list[int]
    busy: list[int]
    references: ReferenceCache


def a_setup(shop: Answer, **settings: object) -> ClientSetup:
    """Return a client of a shop that answers as told."""
    requests: list[httpx.Request] = []

    def answered(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return shop(request)

    return setup_over(httpx.MockTransport(answered), JumpingClock(NOW), requests, **settings)


def setup_over(
    transport: httpx.AsyncBaseTransport, clock: JumpingClock, requests: list[httpx.Request], **settings: object
) -> ClientSetup:
    """Return a client of the shop behind a transport, which notes its requests."""
    lease_checks: list[int] = []
    busy: list[int] = []

    async def before_write() -> None:
        lease_checks.append(len(requests))

    def call_slot() -> AbstractAsyncContextManager[None]:
        busy.append(len(requests))
        return nullcontext()

    connector = Connector(
        http=http_client(transport=transport),
        clock=clock,
        quotas=MemoryQuotas(),
        references=MemoryReferences(),
        meter=Meter(),
        deadline=Deadline(None),
        before_write=before_write,
    )
    config = PrestashopConfig.model_validate({"url": "https://shop.example", "key": KEY, **settings})
    return ClientSetup(
        Client(config, connector, call_slot=call_slot), clock, requests, lease_checks, busy, connector.references
    )


def a_client(shop: Answer, **settings: object) -> Client:
    return a_setup(shop, **settings).client


def a_state(state_id: str, name: str, *flags: str) -> State:
    return State(
        id=state_id,
        name=name,
        logable="logable" in flags,
        paid="paid" in flags,
        shipped="shipped" in flags,
        send_email="mails" in flags,
        deleted="deleted" in flags,
    )


STATES = (
    a_state("2", "Paiement accepté", "logable", "paid", "mails"),
    a_state("3", "En cours de préparation", "logable", "paid", "mails"),
    a_state("4", "Expédié", "logable", "paid", "shipped", "mails"),
    a_state("5", "Livré", "logable", "paid", "shipped"),
    a_state("6", "Annulé", "mails"),
    a_state("7", "Remboursé", "mails"),
    a_state("8", "Erreur de paiement", "mails"),
    a_state("11", "Paiement à distance accepté", "logable", "paid", "mails"),
)
CARRIERS = (
    Carrier(
        id="1",
        reference="1",
        name="Colissimo",
        active=True,
        deleted=False,
        free=True,
        url="https://track.example/?n=@",
    ),
    Carrier(id="2", reference="2", name="0", active=True, deleted=False, free=True),
    Carrier(
        id="3",
        reference="1",
        name="Colissimo d'hier",
        active=True,
        deleted=True,
        free=True,
        url="https://old.example/@",
    ),
)


def some_facts(states: Iterable[State] = STATES, /, **settings: str) -> Facts:
    """Return what a French shop says about itself, but for the configuration values given."""
    return Facts(
        version="8.2.1",
        settings={"PS_TIMEZONE": "Europe/Paris", "PS_SHOP_DEFAULT": "1", **settings},
        states={each.id: each for each in states},
        carriers={each.id: each for each in CARRIERS},
        countries={
            "FR": Country(
                id="8", iso_code="FR", active=True, contains_states=False, needs_dni=False, needs_postcode=True
            )
        },
        currencies={"EUR": Currency(id="1", iso_code="EUR", rate=Decimal(1))},
        languages={"fr": "1"},
    )


def _matches(row: Fields, filters: Mapping[str, str]) -> bool:
    return all(_holds(row.get(name, ""), wanted) for name, wanted in filters.items())


def _holds(value: str, wanted: str) -> bool:
    found = re.fullmatch(r"(.*)\[(.*)\](.*)", wanted)
    if found is None:
        return _collated(value) == _collated(wanted)
    before, inside, after = found.groups()
    if "%" in (before, after):
        pattern = "".join(
            ".*" if sign == "%" else "." if sign == "_" else re.escape(sign)
            for sign in _collated(before + inside + after)
        )
        return re.fullmatch(pattern, _collated(value), re.DOTALL) is not None
    if before in ("<", ">"):
        left, right = (Decimal(value), Decimal(inside)) if inside.isdecimal() else (value, inside)
        return bool(left > right if before == ">" else left < right)  # type: ignore[operator]
    interval = re.fullmatch(r"([\d.:\-\s]+),([\d.:\-\s]+)", inside)
    if interval and "|" not in inside:
        low, high = sorted(map(Decimal, interval.groups()))
        return low <= Decimal(value) <= high
    return _collated(value) in {_collated(each) for each in inside.split("|")}


def _collated(text: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return plain.casefold().rstrip(" ")


def _value(name: str, text: str) -> str:
    return f'<language id="1">{escape(text)}</language>' if name == "name" else escape(text)
