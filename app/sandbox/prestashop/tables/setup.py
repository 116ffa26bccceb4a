"""Settings, order states, carriers and messages."""

from collections.abc import Sequence

from app.sandbox.prestashop.tables.rows import Database, Row
from app.sandbox.prestashop.tables.schema import Field, Resource, Shown, flag, ref

# What a carrier means that charges "as the shop does": by weight.
BY_WEIGHT = 1


def _shipping_method(_: Database, row: Row) -> Shown:
    # The class fills the default in, and it becomes a number on the way.
    method: int = row["shipping_method"]
    return str(method) if method else BY_WEIGHT


RESOURCES: Sequence[Resource] = (
    Resource(
        name="configurations",
        node="configuration",
        model="Configuration",
        description="The settings of the shop",
        index=("name",),
        natural=("name",),
        fields=(
            ref("id"),
            Field(name="value"),
            Field(name="name", required=True, size=254, check="isConfigName"),
            ref("id_shop_group", nullable=True, check="isNullOrUnsignedId"),
            ref("id_shop", nullable=True, check="isNullOrUnsignedId"),
            Field(name="date_add", kind="date", check="isDate"),
            Field(name="date_upd", kind="date", check="isDate"),
        ),
    ),
    Resource(
        name="order_states",
        node="order_state",
        model="OrderState",
        description="The states an order may be in",
        natural=("module_name",),
        fields=(
            ref("id"),
            flag("unremovable"),
            flag("delivery"),
            flag("hidden"),
            flag("send_email"),
            Field(name="module_name", check="isModuleName"),
            flag("invoice"),
            Field(name="color", check="isColor"),
            flag("logable"),
            flag("shipped"),
            flag("paid"),
            flag("pdf_delivery"),
            flag("pdf_invoice"),
            flag("deleted"),
            Field(name="name", kind="lang", required=True, size=64, check="isGenericName"),
            Field(name="template", kind="lang", size=64, check="isTplName"),
        ),
    ),
    Resource(
        name="carriers",
        node="carrier",
        model="Carrier",
        description="The carriers that deliver orders",
        natural=("id_reference",),
        fields=(
            ref("id"),
            flag("deleted"),
            flag("is_module"),
            ref("id_tax_rules_group", "tax_rule_groups", getter=True, number=True),
            ref("id_reference"),
            Field(name="name", required=True, size=64, check="isCarrierName"),
            flag("active", required=True),
            flag("is_free"),
            Field(name="url", check="isAbsoluteUrl"),
            flag("shipping_handling"),
            flag("shipping_external"),
            ref("range_behavior", check="isBool"),
            ref("shipping_method", check="isUnsignedInt", compute=_shipping_method),
            ref("max_width", check="isUnsignedInt"),
            ref("max_height", check="isUnsignedInt"),
            ref("max_depth", check="isUnsignedInt"),
            Field(name="max_weight", kind="decimal", check="isFloat"),
            ref("grade", check="isUnsignedInt"),
            Field(name="external_module_name", size=64),
            flag("need_range"),
            ref("position"),
            Field(name="delay", kind="lang", required=True, size=512, check="isGenericName"),
        ),
    ),
    Resource(
        name="messages",
        node="message",
        model="Message",
        description="The messages beside orders",
        index=("id_order",),
        fields=(
            ref("id"),
            ref("id_cart", "carts", check="isUnsignedId"),
            ref("id_order", "orders", check="isUnsignedId"),
            ref("id_customer", "customers", check="isUnsignedId"),
            ref("id_employee", "employees", check="isUnsignedId"),
            Field(name="message", required=True, size=1600, check="isCleanHtml"),
            flag("private"),
            Field(name="date_add", kind="date", check="isDate"),
        ),
    ),
)
