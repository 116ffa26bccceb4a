"""The calls of the Listings Items API: an item is what one SKU is in the marketplaces of a region."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.task import Priority
from app.errors import Refused
from app.marketplaces.amazon.client import AmazonClient, Record
from app.marketplaces.amazon.concurrent_calls import call_concurrently
from app.marketplaces.amazon.errors import NOT_FOUND, answers, malformed, suspect
from app.marketplaces.amazon.offers.listing_status import ListingStatus, listing_status
from app.marketplaces.amazon.offers.patches import PRODUCT_TYPE, Patch
from app.marketplaces.amazon.quotas import GET_LISTING, PATCH_LISTING, SEARCH_LISTINGS
from app.marketplaces.amazon.stores import AmazonStore
from app.transport.operation import Answer

PAGE_SIZE = 20
MOST_SKUS = 20
# Facts about a SKU's stock are asked for without its attributes, which are a hundred times longer.
_OF_STOCK = "summaries,fulfillmentAvailability"
_OF_PRICES = "attributes,offers"
_EVERYTHING = "summaries,attributes,issues,offers,fulfillmentAvailability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of one seller in these marketplaces of his region, at least one."""

    client: AmazonClient
    seller_id: str
    stores: Sequence[AmazonStore]

    async def may_be_read(self) -> None:
        """Return if this application may read items; raises RoleMissing, and what stops a run."""
        await self.client.call(SEARCH_LISTINGS, path=self._seller, query=[*self._asked("summaries"), ("pageSize", "1")])

    async def pages(self, *, priority: Priority) -> AsyncIterator[tuple[Sequence[ListingStatus], int]]:
        """Yield the items by SKU, twenty at a time, and how many Amazon says there are; it lists a thousand at most."""
        token, body = "", set[str]()
        while True:
            query = [*self._asked(_EVERYTHING), ("sortBy", "sku"), ("sortOrder", "ASC"), ("pageSize", str(PAGE_SIZE))]
            query += [("pageToken", token)] if token else []
            try:
                answer = await self.client.call(SEARCH_LISTINGS, path=self._seller, query=query, priority=priority)
            except Refused as refused:
                raise suspect(refused) from refused
            records, total = _found(answer)
            yield [listing_status(record) for record in records], total
            body |= {token}
            token = _next_token(answer)
            if not token or token in body:
                return

    async def look_up(self, skus: Sequence[str], *, prices: bool, priority: Priority) -> Mapping[str, ListingStatus]:
        """Return what these SKUs are now, without those that are not listed.

        With `prices` it says where they are offered and at what price, without it who ships them.
        """
        included = _OF_PRICES if prices else _OF_STOCK
        # A list has commas between its values, so that no comma and no space at its ends can be in one.
        plain = [sku for sku in skus if "," not in sku and sku == sku.strip()]
        batches = [plain[start : start + MOST_SKUS] for start in range(0, len(plain), MOST_SKUS)]

        async def of_batch(batch: Sequence[str]) -> Sequence[Record]:
            query = [
                *self._asked(included),
                ("identifiersType", "SKU"),
                ("identifiers", ",".join(batch)),
                ("pageSize", str(PAGE_SIZE)),
            ]
            answer = await self.client.call(SEARCH_LISTINGS, path=self._seller, query=query, priority=priority)
            return _found(answer)[0]

        async def of_one(sku: str) -> Sequence[Record]:
            path = {**self._seller, "sku": sku}
            try:
                answer = await self.client.call(GET_LISTING, path=path, query=self._asked(included), priority=priority)
            except Refused as refused:
                if refused.reason == NOT_FOUND:
                    return ()
                raise
            return (answer.data,) if isinstance(answer.data, Mapping) else ()

        others = sorted(set(skus) - set(plain))
        replies = [*await call_concurrently(of_batch, batches), *await call_concurrently(of_one, others)]
        found = (listing_status(record) for records in replies for record in records)
        return {each.sku: each for each in found if each.sku}

    async def patch(self, sku: str, store: AmazonStore, patch: Patch, *, priority: Priority) -> Record:
        """Change one attribute of an item; returns what Amazon says: 200 is not yet ACCEPTED.

        Raises Refused for a SKU that Amazon does not know, and for a request that it calls wrong.
        """
        answer = await self.client.call(
            PATCH_LISTING,
            path={**self._seller, "sku": sku},
            query=(("marketplaceIds", store.id),),
            json={"productType": PRODUCT_TYPE, "patches": [patch]},
            priority=priority,
        )
        if not isinstance(answer.data, Mapping) or not isinstance(answer.data.get("status"), str):
            raise malformed(PATCH_LISTING, "status")
        return answer.data

    @property
    def _seller(self) -> Mapping[str, str]:
        return {"seller_id": self.seller_id}

    def _asked(self, included: str) -> list[tuple[str, str]]:
        return [("marketplaceIds", ",".join(store.id for store in self.stores)), ("includedData", included)]


def _found(answer: Answer) -> tuple[Sequence[Record], int]:
    records = answers.records(SEARCH_LISTINGS, answer, "items")
    return records, answers.number(SEARCH_LISTINGS, answer, "numberOfResults")


def _next_token(answer: Answer) -> str:
    paging = answer.data.get("pagination") if isinstance(answer.data, Mapping) else None
    token = paging.get("nextToken") if isinstance(paging, Mapping) else None
    return token if isinstance(token, str) else ""
