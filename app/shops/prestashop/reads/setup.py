"""What a shop says about itself, read in six calls and kept for an hour."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.clock import Clock
from app.domain.message import message
from app.shops.prestashop.client import Client, any_of, together
from app.shops.prestashop.errors import setup_wrong
from app.shops.prestashop.reads.facts import Carrier, Country, Currency, Facts, State
from app.shops.prestashop.records import Record
from app.transport.references import ReferenceCache

KEPT_FOR = timedelta(hours=1)
_NAME = "facts-1"

SETTINGS = (
    "PS_CARRIER_DEFAULT",
    "PS_COUNTRY_DEFAULT",
    "PS_CURRENCY_DEFAULT",
    "PS_ECOTAX_TAX_RULES_GROUP_ID",
    "PS_ENABLE_BACKORDER_STATUS",
    "PS_GUEST_GROUP",
    "PS_CUSTOMER_GROUP",
    "PS_INVOICE",
    "PS_LANG_DEFAULT",
    "PS_MAIL_METHOD",
    "PS_ORDER_OUT_OF_STOCK",
    "PS_OS_CANCELED",
    "PS_OS_DELIVERED",
    "PS_OS_ERROR",
    "PS_OS_OUTOFSTOCK",
    "PS_OS_OUTOFSTOCK_PAID",
    "PS_OS_OUTOFSTOCK_UNPAID",
    "PS_OS_PAYMENT",
    "PS_OS_PREPARATION",
    "PS_OS_REFUND",
    "PS_OS_SHIPPING",
    "PS_OS_WS_PAYMENT",
    "PS_PRICE_ROUND_MODE",
    "PS_ROUND_TYPE",
    "PS_SHOP_DEFAULT",
    "PS_STOCK_MANAGEMENT",
    "PS_TAX",
    "PS_TAX_ADDRESS_TYPE",
    "PS_TIMEZONE",
    "PS_USE_ECOTAX",
)


async def facts_of(client: Client, *, references: ReferenceCache, clock: Clock, fresh: bool = False) -> Facts:
    """Return the shop's facts, at most an hour old, or read now; raises SetupWrong and what the client raises."""
    now = clock.now()
    kept = None if fresh else await references.get(client.scope, _NAME, now)
    if kept is not None:
        facts = _read_back(json.loads(kept))
        client.version = client.version or facts.version
        return facts
    facts = await _read(client)
    await references.put(client.scope, _NAME, json.dumps(asdict(facts), default=str), now + KEPT_FOR)
    return facts


async def carriers_now(client: Client) -> dict[str, Carrier]:
    """Return all carriers as they are now: who is given an order by an old id gives it to somebody else."""
    return {each.id: _carrier(each) for each in await client.find("carriers")}


async def carriers_by_id(client: Client, ids: Sequence[str]) -> dict[str, Carrier]:
    """Return carriers as they are now, deleted ones too: an edited carrier has a new id before the facts are new."""
    return {each.id: _carrier(each) for each in await client.find_all("carriers", name="id", values=ids)}


async def _read(client: Client) -> Facts:
    settings, states, carriers, countries, currencies, languages = await together(
        client.find(
            "configurations",
            display=("id", "name", "value", "id_shop", "id_shop_group"),
            filters={"name": any_of(SETTINGS)},
        ),
        client.find("order_states"),
        client.find("carriers"),
        client.find(
            "countries",
            display=(
                "id",
                "iso_code",
                "active",
                "contains_states",
                "need_identification_number",
                "need_zip_code",
                "zip_code_format",
            ),
        ),
        client.find("currencies"),
        client.find("languages"),
    )
    facts = Facts(
        version=client.version,
        settings=_settings(settings, id_shop=client.id_shop),
        states={each.id: _state(each) for each in states},
        carriers={each.id: _carrier(each) for each in carriers},
        countries={each["iso_code"].upper(): _country(each) for each in countries},
        currencies={each["iso_code"].upper(): _currency(each) for each in currencies if not each.is_on("deleted")},
        languages={each["iso_code"].lower(): each.id for each in languages if each["active"] != "0"},
    )
    _understandable(facts)
    return facts


def _settings(records: Sequence[Record], *, id_shop: str) -> dict[str, str]:
    """Return the values that hold for our shop: its own, else those of all shops."""
    own = [each for each in records if id_shop and each["id_shop"] == id_shop]
    general = [each for each in records if each["id_shop"] in ("", "0") and each["id_shop_group"] in ("", "0")]
    return {each["name"]: each["value"] for each in [*general, *own] if each["value"]}


def _understandable(facts: Facts) -> None:
    zone = facts.setting("PS_TIMEZONE", "UTC")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as exc:
        raise setup_wrong("configurations.get", message("TIMEZONE_UNKNOWN", zone=zone[:40])) from exc


def _state(record: Record) -> State:
    return State(
        id=record.id,
        name=record["name"],
        logable=record.is_on("logable"),
        paid=record.is_on("paid"),
        shipped=record.is_on("shipped"),
        send_email=record.is_on("send_email"),
        deleted=record.is_on("deleted"),
        module=record["module_name"],
        invoice=record.is_on("invoice"),
    )


def _carrier(record: Record) -> Carrier:
    return Carrier(
        id=record.id,
        reference=record["id_reference"],
        name=record["name"],
        active=record.is_on("active"),
        deleted=record.is_on("deleted"),
        free=record.is_on("is_free"),
        url=record["url"],
    )


def _country(record: Record) -> Country:
    return Country(
        id=record.id,
        iso_code=record["iso_code"].upper(),
        active=record.is_on("active"),
        contains_states=record.is_on("contains_states"),
        needs_dni=record.is_on("need_identification_number"),
        needs_postcode=record.is_on("need_zip_code"),
        postcode_format=record["zip_code_format"],
    )


def _currency(record: Record) -> Currency:
    try:
        rate = Decimal(record["conversion_rate"])
    except InvalidOperation:
        rate = Decimal(1)
    return Currency(id=record.id, iso_code=record["iso_code"].upper(), rate=rate)


def _read_back(kept: Mapping[str, Any]) -> Facts:
    return Facts(
        version=kept["version"],
        settings=kept["settings"],
        states={key: State(**value) for key, value in kept["states"].items()},
        carriers={key: Carrier(**value) for key, value in kept["carriers"].items()},
        countries={key: Country(**value) for key, value in kept["countries"].items()},
        currencies={
            key: Currency(id=value["id"], iso_code=value["iso_code"], rate=Decimal(value["rate"]))
            for key, value in kept["currencies"].items()
        },
        languages=kept["languages"],
    )
