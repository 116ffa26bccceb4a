"""How far orders are in a shop, and which parcels left.

orders             where each stands                       three calls for two hundred orders;
order_histories    when it came into a state of those      the last two ask for those alone
order_carriers     its parcels: a number moves no date     that may have left
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from app.clock import Clock
from app.domain.parcel import Parcel
from app.domain.shop_mapping import ShopMapping
from app.domain.tracking import Tracking, tracking_numbers
from app.shops.port import ShopProgress
from app.shops.prestashop.client import IDS_A_CALL, Client, any_of, askable, together
from app.shops.prestashop.reads.catalogue import parse_ref
from app.shops.prestashop.reads.facts import Carrier, Facts
from app.shops.prestashop.reads.setup import carriers_by_id
from app.shops.prestashop.reads.states import NO_STATE, before_shipping, fulfilled_state, meaning, shipped_states
from app.shops.prestashop.records import Record

# An order that the marketplace shipped gets its state from us, right after it was made.
_ENTERED_WITHIN = timedelta(minutes=15)
_NOBODY = ("", "0")


async def progress_of(
    client: Client, *, facts: Facts, mapping: ShopMapping, refs: Sequence[str], clock: Clock
) -> Mapping[str, ShopProgress]:
    """Return how far each order is, by its ref; one that the shop does not have is left out.

    An order that has no state yet is `paid`. A parcel's id is that of its row in the shop; its units are not known.
    """
    asked = [ref for ref in dict.fromkeys(refs) if (pair := parse_ref(ref)) and pair[1] == "0"]
    found: dict[str, ShopProgress] = {}
    for start in range(0, len(asked), IDS_A_CALL):
        batch = _Batch(client=client, facts=facts, mapping=mapping, now=clock.now())
        found |= await batch.progress_of(asked[start : start + IDS_A_CALL])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    client: Client
    facts: Facts
    mapping: ShopMapping
    now: datetime

    async def progress_of(self, refs: Sequence[str]) -> dict[str, ShopProgress]:
        orders = await self.client.find(
            "orders",
            display=("id", "current_state", "date_add", "date_upd"),
            filters={"id": any_of(refs)},
            sort="id_ASC",
        )
        parcels = await self._parcels([each for each in orders if self._may_have_left(each["current_state"])])
        return {
            each.id: ShopProgress(
                ref=each.id,
                state=meaning(self.facts, self.mapping, each["current_state"]),
                parcels=tuple(parcels.get(each.id, ())),
            )
            for each in orders
            if each.id in refs
        }

    def _may_have_left(self, state_id: str) -> bool:
        """Return whether parcels may be under way: of a refunded order they are, of one that went back they are not."""
        match meaning(self.facts, self.mapping, state_id):
            case "shipped":
                return True
            case "cancelled":
                return False
            case _:
                return state_id not in before_shipping(self.facts, self.mapping)

    async def _parcels(self, orders: Sequence[Record]) -> dict[str, list[Parcel]]:
        if not orders:
            return {}
        ids = [each.id for each in orders]
        lines, rows = await together(self._shipped_lines(ids), self._rows(ids))
        carriers = await self._carriers({each["id_carrier"] for of_order in rows.values() for each in of_order})
        return {
            each.id: list(self._parcels_of(each, lines.get(each.id, ()), rows.get(each.id, ()), carriers))
            for each in orders
        }

    async def _shipped_lines(self, ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Return by order the lines of its history that say it left, the first one first."""
        states = [each for each in sorted(shipped_states(self.facts, self.mapping)) if askable(each)]
        found = await self.client.find(
            "order_histories",
            display=("id", "id_order", "id_order_state", "id_employee", "date_add"),
            filters={"id_order": any_of(ids), "id_order_state": any_of(states or [NO_STATE])},
            sort="id_ASC",
        )
        return _by_order(found)

    async def _rows(self, ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        found = await self.client.find(
            "order_carriers",
            display=("id", "id_order", "id_carrier", "tracking_number"),
            filters={"id_order": any_of(ids)},
            sort="id_ASC",
        )
        return _by_order(found)

    async def _carriers(self, ids: set[str]) -> Mapping[str, Carrier]:
        known = self.facts.carriers
        return {**known, **await carriers_by_id(self.client, sorted(ids - known.keys() - {"", "0"}))}

    def _parcels_of(
        self, order: Record, lines: Sequence[Record], rows: Sequence[Record], carriers: Mapping[str, Carrier]
    ) -> Iterator[Parcel]:
        """Yield the parcels of an order: one for each of its numbers, or one without a number.

        The first has the id of the order's first row, whichever row has its number: the numbers come later than it.
        """
        now_shipped = meaning(self.facts, self.mapping, order["current_state"]) == "shipped"
        numbered = list(_numbered(rows))
        if not lines and not now_shipped:
            return
        if lines and not numbered and self._came_shipped(order, lines[0]):
            return
        first = rows[0] if rows else Record({"id": NO_STATE})
        for place, (parcel_id, row, tracking) in enumerate(numbered or [(first.id, first, Tracking(""))]):
            carrier = carriers.get(row["id_carrier"])
            yield Parcel(
                id=parcel_id if place else first.id,
                shipped_at=self._left_at(order, lines),
                carrier=_name(carrier),
                number=tracking.number,
                url=tracking.url or _url(carrier, tracking.number),
            )

    def _came_shipped(self, order: Record, line: Record) -> bool:
        """Return whether we entered it as shipped by the marketplace: none of its parcels left from here."""
        made, left = self.facts.moment(order["date_add"]), self.facts.moment(line["date_add"])
        return (
            line["id_order_state"] == fulfilled_state(self.facts, self.mapping)
            and line["id_employee"] in _NOBODY
            and made is not None
            and left is not None
            and left - made <= _ENTERED_WITHIN
        )

    def _left_at(self, order: Record, lines: Sequence[Record]) -> datetime:
        reported = [line["date_add"] for line in lines[:1]] + [order["date_upd"], order["date_add"]]
        return next((moment for text in reported if (moment := self.facts.moment(text))), self.now)


def _by_order(records: Sequence[Record]) -> Mapping[str, Sequence[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for each in records:
        found[each["id_order"]].append(each)
    return found


def _numbered(rows: Sequence[Record]) -> Iterator[tuple[str, Record, Tracking]]:
    """Yield the numbers of an order, each once, with its row and the id of its parcel; a row may hold several."""
    seen: set[str] = set()
    for row in sorted(rows, key=lambda each: int(each.id)):
        for place, tracking in enumerate(tracking_numbers(row["tracking_number"]), start=1):
            if tracking.number not in seen:
                seen.add(tracking.number)
                yield row.id if place == 1 else f"{row.id}-{place}", row, tracking


def _name(carrier: Carrier | None) -> str:
    # "0" stands for the shop's own name: no marketplace knows it.
    return carrier.name if carrier is not None and carrier.name != "0" else ""


def _url(carrier: Carrier | None, number: str) -> str:
    if carrier is None or not number or not carrier.url.startswith(("http://", "https://")):
        return ""
    return carrier.url.replace("@", quote(number, safe=""))
