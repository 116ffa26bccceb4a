"""A test order: made by the very steps of an import, looked at, and taken out again.

Its intent lives as long as the process. Should that die, the order and its cart are found by their key when the next
test order begins, and taken out then.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from app.domain.finding import Finding
from app.domain.message import Message, message
from app.domain.order import Order, marketplace_key
from app.errors import CallError, OutcomeUnknown, Refused
from app.shops.port import CancelOutcome, ImportPlan, UnfinishedOrder
from app.shops.prestashop.checks.entry_state_check import mails
from app.shops.prestashop.checks.lines import bad, failed, good
from app.shops.prestashop.checks.order_check import LOOK_AT_CHECK, compared_stock, compared_with_before, inspect
from app.shops.prestashop.checks.sample_order import (
    FIRST_NAME,
    LAST_NAME,
    NUMBER_BEGINS,
    NUMBER_OF_KEPT_ENDS,
    PLACEHOLDER,
    PLATFORM,
    Article,
    article_named,
    first_for_sale,
    number_of,
    order_of,
)
from app.shops.prestashop.checks.shop_check import ReadsFacts
from app.shops.prestashop.client import any_of
from app.shops.prestashop.orders import cancellation
from app.shops.prestashop.orders.cart import clear_away, prices_of
from app.shops.prestashop.orders.creation import Creator
from app.shops.prestashop.orders.lookup import orders_of_cart
from app.shops.prestashop.reads.stock import STOCK_FIELDS, counts_stock, quantities

# The newest that are looked through for what earlier test orders left.
CARTS_LOOKED_AT = 100
_ORDER_POST = "orders.post"


class _Intent:
    """An intent that ends with the process."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.steps: Mapping[str, str] = {}

    async def note(self, **steps: str) -> None:
        self.steps = {**self.steps, **steps}

    async def sending(self, step: str) -> None:
        """Nothing: whatever becomes of it is looked for by its key."""


async def try_order(
    facts: ReadsFacts, creator: Callable[[], Awaitable[Creator]], *, sku: str, keep: bool
) -> Sequence[Finding]:
    """Return how each step of a test order went: nothing that a merchant can mend raises."""
    found: list[Finding] = []
    try:
        await facts(fresh=True)
        trial = _Trial(await creator(), found, keep=keep)
        await trial.clear_earlier()
        await trial.run(sku)
    except CallError as error:
        found.append(_stopped(error))
    return found


class _Trial:
    """One test order and what is found on its way."""

    def __init__(self, creator: Creator, found: list[Finding], *, keep: bool) -> None:
        self._creator, self._found, self._keep = creator, found, keep
        self._client, self._facts, self._mapping = creator.client, creator.facts, creator.mapping
        # Numbers of earlier test orders.
        self._taken: set[str] = set()

    async def clear_earlier(self) -> None:
        """Take out what earlier test orders left: their process died, or the shop was slow to answer."""
        ours = f"[{marketplace_key(PLATFORM, NUMBER_BEGINS)}]%"
        carts = await self._client.find(
            "carts", filters={"gift_message": ours}, sort="id_DESC", limit=str(CARTS_LOOKED_AT)
        )
        self._taken = {each["gift_message"].rpartition(":")[2] for each in carts}
        left = {
            each.id: each["gift_message"] for each in carts if not each["gift_message"].endswith(NUMBER_OF_KEPT_ENDS)
        }
        orders = await self._client.find_all("orders", name="id_cart", values=list(left))
        ordered = {left[each["id_cart"]] for each in orders}
        for cart, key in left.items():
            if key not in ordered:
                await clear_away(self._client, key=key, steps={"cart": cart})
        for order in orders:
            if order["current_state"] != self._facts.cancelled_state:
                intent = _Intent(left[order["id_cart"]])
                await intent.note(cart=order["id_cart"])
                await self._cancel(order.id, intent, earlier=True)

    async def run(self, sku: str) -> None:
        """Make the order, look at it, take it out."""
        article = await self._article(sku)
        if isinstance(article, Finding):
            self._found.append(article)
            return
        now = self._creator.clock.now()
        number = number_of(now, kept=self._keep, taken=self._taken)
        order = order_of(article, number=number, facts=self._facts, now=now)
        if isinstance(order, Finding):
            self._found.append(order)
            return
        before = await self._units(article)
        intent = _Intent(marketplace_key(PLATFORM, order.order_id))
        ref, right = await self._make(order, article, intent)
        if not ref:
            return
        try:
            self._found.append(compared_stock(before, await self._units(article)))
            if right is not None:
                self._found += await inspect(self._creator, ref, order=order, article=article, right=right)
        except CallError as error:
            self._found.append(_stopped(error))
        self._found += mails(self._facts, self._mapping)
        if self._keep:
            self._found.append(good("KEPT", "TEST_ORDER_KEPT", ref=ref))
        elif await self._cancel(ref, intent, earlier=False):
            left = await self._units(article)
            if before is not None and left is not None:
                self._found.append(compared_with_before(before, left))

    async def _article(self, sku: str) -> Article | Finding:
        catalogue = self._creator.catalogue
        if sku:
            return await article_named(catalogue, sku)
        return await first_for_sale(self._client, facts=self._facts, catalogue=catalogue)

    async def _make(self, order: Order, article: Article, intent: _Intent) -> tuple[str, bool | None]:
        """Return the id of the order, empty if none was made, and whether it is right (None: it was not finished)."""
        sku = article.match.sku
        plan = ImportPlan(
            matches={sku: article.match}, state="paid", stock="lower", email=PLACEHOLDER, placeholder=PLACEHOLDER
        )
        try:
            made = await self._creator.create(order, plan=plan, intent=intent, unfinished_order_id="")
        except Refused as refused:
            self._found.append(_refused(refused))
        except OutcomeUnknown as error:
            return await self._after_silence(error, intent), None
        except CallError as error:
            # It may come after the order was made, from a right that is missing.
            self._found.append(_stopped(error))
        else:
            if isinstance(made.record, UnfinishedOrder):
                wrong = {"ref": made.record.ref, "detail": made.record.reason}
                self._found.append(bad("TEST_ORDER", "TEST_ORDER_WRONG", LOOK_AT_CHECK, **wrong))
                return made.record.ref, False
            right = {"ref": made.record.id, "number": order.order_id, "sku": sku, "title": article.match.title}
            self._found.append(good("TEST_ORDER", "TEST_ORDER_MADE", **right))
            return made.record.id, True
        if not intent.steps.get("order"):
            await self._creator.abandon(intent)
        return intent.steps.get("order", ""), None

    async def _after_silence(self, error: OutcomeUnknown, intent: _Intent) -> str:
        """Say what a write without a usable answer means; returns the order that can be taken out, if there is one."""
        if error.operation != _ORDER_POST or error.status != 500:
            self._found.append(_stopped(error, cure=message("TEST_ORDER_WAIT")))
            return intent.steps.get("order", "")
        existing = await orders_of_cart(self._client, intent.steps["cart"])
        if existing:
            self._found.append(bad("TEST_ORDER", "TEST_ORDER_HALF_MADE", ref=existing[0].id))
            return existing[0].id
        module = self._creator.config.payment_module
        self._found.append(bad("PAYMENT_MODULE", "TEST_PAYMENT_MODULE", module=module))
        # It answered, so nothing comes any more.
        await self._creator.abandon(intent)
        return ""

    async def _cancel(self, ref: str, intent: _Intent, *, earlier: bool) -> bool:
        """Cancel a test order and say so; returns whether it is cancelled."""
        code, said = ("EARLIER_TEST", "EARLIER_TEST") if earlier else ("CANCELLED", "TEST_ORDER")
        cure = message("TEST_ORDER_CANCEL_IT", ref=ref)
        try:
            outcome = await cancellation.cancel(
                self._client, facts=self._facts, mapping=self._mapping, lock=self._creator.lock, ref=ref, intent=intent
            )
            for price in await prices_of(self._client, intent.steps["cart"]):
                # An order that was not finished left them.
                await self._client.drop("specific_prices", price.id)
        except CallError as error:
            lead = message("LEAD_EARLIER_STILL_THERE" if earlier else "LEAD_STILL_THERE", ref=ref)
            self._found.append(failed(error, code=code, lead=lead, cure=cure))
            return False
        if outcome is CancelOutcome.ALREADY_SHIPPED:
            self._found.append(bad(code, f"{said}_SHIPPED", cure, ref=ref))
            return False
        self._found.append(good(code, f"{said}_CANCELLED", ref=ref, buyer=f"{FIRST_NAME} {LAST_NAME}"))
        return True

    async def _units(self, article: Article) -> int | None:
        """Return the stock of an article, None where the shop keeps none."""
        if not counts_stock(self._facts):
            return None
        filters = {"id_product": any_of([article.product_id]), "id_product_attribute": any_of([article.attribute_id])}
        rows = await self._client.find("stock_availables", display=STOCK_FIELDS, filters=filters, sort="id_ASC")
        return quantities(rows, facts=self._facts, id_shop=self._client.id_shop).get(article.pair)


def _stopped(error: CallError, *, cure: Message | None = None) -> Finding:
    return failed(error, code="TEST_ORDER", lead=message("LEAD_TEST"), cure=cure)


def _refused(refused: Refused) -> Finding:
    return bad(refused.reason, "TEST_ORDER_REFUSED", detail=refused.detail)
