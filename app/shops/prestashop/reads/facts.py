"""What a PrestaShop says about itself: states, carriers, countries, currencies, switches. Plain values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """An order state with the flags that say what it does; ids differ from shop to shop."""

    id: str
    name: str
    logable: bool
    paid: bool
    shipped: bool
    send_email: bool
    deleted: bool
    module: str = ""
    invoice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A carrier; each edit gives it a new `id`, `reference` stays. `url` holds `@` where the number goes."""

    id: str
    reference: str
    name: str
    active: bool
    deleted: bool
    free: bool
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country of the shop; `postcode_format` in PrestaShop's own letters (N a digit, L a letter, C the ISO code)."""

    id: str
    iso_code: str
    active: bool
    contains_states: bool
    needs_dni: bool
    needs_postcode: bool
    postcode_format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency of the shop; `rate` is units of it for one of the default currency."""

    id: str
    iso_code: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of it, read at one moment. `settings` holds PrestaShop's configuration values by name."""

    version: str
    settings: Mapping[str, str]
    states: Mapping[str, State]
    carriers: Mapping[str, Carrier]
    countries: Mapping[str, Country]
    currencies: Mapping[str, Currency]
    languages: Mapping[str, str]

    def setting(self, name: str, default: str = "") -> str:
        """Return a configuration value; an empty one counts as absent."""
        return self.settings.get(name) or default

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every date the shop writes."""
        return ZoneInfo(self.setting("PS_TIMEZONE", "UTC"))

    @property
    def round_type(self) -> int:
        """1: each unit is rounded, 2: each line, 3: the total."""
        return int(self.setting("PS_ROUND_TYPE", "2"))

    @property
    def taxes_by_invoice(self) -> bool:
        """Whether the address of the invoice decides on the taxes, and not the delivery's."""
        return self.setting("PS_TAX_ADDRESS_TYPE") == "id_address_invoice"

    @property
    def entry_state(self) -> str:
        """The state in which an order enters through the Webservice."""
        return self.setting("PS_OS_WS_PAYMENT", "11")

    @property
    def enters_unpaid(self) -> bool:
        """Whether that state records no payment: totals are never compared then, and may be set afterwards (way B)."""
        state = self.states.get(self.entry_state)
        return state is not None and not state.logable

    @property
    def unpaid_states(self) -> frozenset[str]:
        """The states of an order that waits for its payment: the entry state, or backorder when the shop is short."""
        return frozenset({self.entry_state, self.setting("PS_OS_OUTOFSTOCK_UNPAID", self.entry_state)})

    @property
    def paid_backorder_state(self) -> str:
        return self.setting("PS_OS_OUTOFSTOCK_PAID", self.setting("PS_OS_OUTOFSTOCK"))

    @property
    def paid_state(self) -> str:
        return self.setting("PS_OS_PAYMENT", "2")

    @property
    def shipped_state(self) -> str:
        return self.setting("PS_OS_SHIPPING", "4")

    @property
    def delivered_state(self) -> str:
        return self.setting("PS_OS_DELIVERED", "5")

    @property
    def cancelled_state(self) -> str:
        return self.setting("PS_OS_CANCELED", "6")

    @property
    def error_state(self) -> str:
        return self.setting("PS_OS_ERROR", "8")

    def carrier_of(self, reference: str) -> Carrier | None:
        """Return the carrier that has this reference now, if orders can be given to it."""
        usable = (each for each in self.carriers.values() if each.reference == reference and each.active)
        return next((each for each in usable if not each.deleted), None)

    def moment(self, text: str, *, second: bool = False) -> datetime | None:
        """Return a date of the shop (its local time, without offset) as a moment, None for one that is not set.

        Of an hour that comes twice the first, or the `second`: the shop does not say which.
        """
        try:
            return datetime.fromisoformat(text).replace(tzinfo=self.zone, fold=int(second)).astimezone(UTC)
        except ValueError:
            # "0000-00-00 00:00:00" stands for none.
            return None

    def local(self, moment: datetime) -> str:
        """Return a moment as the shop writes it."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")
