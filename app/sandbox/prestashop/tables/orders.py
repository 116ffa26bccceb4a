"""Carts, orders, and all that hangs on an order."""

from collections.abc import Sequence

from app.sandbox.prestashop.tables.people import LONGEST_TEXT
from app.sandbox.prestashop.tables.rows import Database, Row
from app.sandbox.prestashop.tables.schema import Association, Field, Item, Part, Resource, Shown, flag, price, ref


def last_parcel(database: Database, order_id: int) -> Row | None:
    """Return the carrier row that an order's number is a mirror of."""
    rows = database["order_carriers"].where("id_order", order_id)
    return rows[-1] if rows else None


def _shipping_number(database: Database, order: Row) -> Shown:
    parcel = last_parcel(database, order.id)
    return str(parcel["tracking_number"]) if parcel is not None else ""


def _order_rows(database: Database, order: Row) -> Sequence[Item]:
    details = database["order_details"]
    names = ORDER_ROW_NAMES
    return [
        {"id": str(row.id), **{name: str(details.resource.by_name[name].shown(row[name])) for name in names}}
        for row in details.where("id_order", order.id)
    ]


ORDER_ROW_NAMES = (
    "product_id",
    "product_attribute_id",
    "product_quantity",
    "product_name",
    "product_reference",
    "product_ean13",
    "product_isbn",
    "product_upc",
    "product_price",
    "id_customization",
    "unit_price_tax_incl",
    "unit_price_tax_excl",
)
ORDER_ROWS = Association(
    name="order_rows",
    item="order_row",
    virtual=True,
    items=_order_rows,
    parts=(
        Part(name="id"),
        Part(name="product_id", link="products", required=True),
        Part(name="product_attribute_id", required=True),
        Part(name="product_quantity", required=True),
        Part(name="product_name", read_only=True),
        Part(name="product_reference", read_only=True),
        Part(name="product_ean13", read_only=True),
        Part(name="product_isbn", read_only=True),
        Part(name="product_upc", read_only=True),
        Part(name="product_price", read_only=True),
        Part(name="id_customization", link="customizations"),
        Part(name="unit_price_tax_incl", read_only=True),
        Part(name="unit_price_tax_excl", read_only=True),
    ),
)
CART_ROWS = Association(
    name="cart_rows",
    item="cart_row",
    virtual=True,
    parts=(
        Part(name="id_product", link="products", required=True),
        Part(name="id_product_attribute", link="combinations", required=True),
        Part(name="id_address_delivery", link="addresses", required=True),
        Part(name="id_customization", link="customizations"),
        Part(name="quantity", required=True),
    ),
)

CARTS = Resource(
    name="carts",
    node="cart",
    model="Cart",
    description="The carts of customers",
    index=("gift_message",),
    natural=("id_customer",),
    fields=(
        ref("id"),
        ref("id_address_delivery", "addresses", check="isUnsignedId"),
        ref("id_address_invoice", "addresses", check="isUnsignedId"),
        ref("id_currency", "currencies", required=True, check="isUnsignedId"),
        ref("id_customer", "customers", check="isUnsignedId"),
        ref("id_guest", "guests", check="isUnsignedId"),
        ref("id_lang", "languages", required=True, check="isUnsignedId"),
        ref("id_shop_group", check="isUnsignedId", default=1),
        ref("id_shop", check="isUnsignedId", default=1),
        ref("id_carrier", check="isUnsignedId"),
        flag("recyclable"),
        flag("gift"),
        Field(name="gift_message", check="isCleanHtml"),
        flag("mobile_theme"),
        Field(name="delivery_option"),
        Field(name="secure_key", size=32),
        flag("allow_seperated_package"),
        Field(name="date_add", kind="date", check="isDate"),
        Field(name="date_upd", kind="date", check="isDate"),
    ),
    associations=(CART_ROWS,),
)

ORDERS = Resource(
    name="orders",
    node="order",
    model="Order",
    description="The Customers orders",
    index=("id_cart", "gift_message", "reference", "id_customer", "payment"),
    natural=("id_customer",),
    fields=(
        ref("id"),
        ref("id_address_delivery", "addresses", required=True, check="isUnsignedId"),
        ref("id_address_invoice", "addresses", required=True, check="isUnsignedId"),
        ref("id_cart", "carts", required=True, check="isUnsignedId"),
        ref("id_currency", "currencies", required=True, check="isUnsignedId"),
        ref("id_lang", "languages", required=True, check="isUnsignedId"),
        ref("id_customer", "customers", required=True, check="isUnsignedId"),
        ref("id_carrier", "carriers", required=True, check="isUnsignedId"),
        ref("current_state", "order_states", check="isUnsignedId"),
        Field(name="module", required=True, check="isModuleName"),
        ref("invoice_number"),
        Field(name="invoice_date", kind="date"),
        ref("delivery_number"),
        Field(name="delivery_date", kind="date"),
        ref("valid"),
        Field(name="date_add", kind="date", check="isDate"),
        Field(name="date_upd", kind="date", check="isDate"),
        Field(name="shipping_number", getter=True, compute=_shipping_number),
        Field(name="note", size=LONGEST_TEXT),
        ref("id_shop_group", default=1, check="isUnsignedId"),
        ref("id_shop", default=1, check="isUnsignedId"),
        Field(name="secure_key", check="isMd5"),
        Field(name="payment", required=True, check="isGenericName"),
        flag("recyclable"),
        flag("gift"),
        Field(name="gift_message", size=LONGEST_TEXT, check="isCleanHtml"),
        flag("mobile_theme"),
        price("total_discounts"),
        price("total_discounts_tax_incl"),
        price("total_discounts_tax_excl"),
        price("total_paid", required=True),
        price("total_paid_tax_incl"),
        price("total_paid_tax_excl"),
        price("total_paid_real", required=True),
        price("total_products", required=True),
        price("total_products_wt", required=True),
        price("total_shipping"),
        price("total_shipping_tax_incl"),
        price("total_shipping_tax_excl"),
        Field(name="carrier_tax_rate", kind="decimal", places=3, check="isFloat"),
        price("total_wrapping"),
        price("total_wrapping_tax_incl"),
        price("total_wrapping_tax_excl"),
        ref("round_mode", check="isUnsignedId"),
        ref("round_type", check="isUnsignedId"),
        Field(name="conversion_rate", kind="decimal", required=True, check="isFloat"),
        # The column is 9 characters wide; a longer text is answered whole and kept cut.
        Field(name="reference", width=9),
    ),
    associations=(ORDER_ROWS,),
)

ORDER_DETAILS = Resource(
    name="order_details",
    node="order_detail",
    model="OrderDetail",
    description="The lines of orders",
    index=("id_order",),
    natural=("product_id",),
    fields=(
        ref("id"),
        ref("id_order", "orders", required=True, check="isUnsignedId"),
        ref("product_id", "products", check="isUnsignedId"),
        ref("product_attribute_id", "combinations", check="isUnsignedId"),
        ref("product_quantity_reinjected", check="isUnsignedInt"),
        Field(name="group_reduction", kind="decimal", places=2, check="isFloat"),
        ref("discount_quantity_applied", check="isInt"),
        Field(name="download_hash", check="isGenericName"),
        Field(name="download_deadline", kind="date", check="isDateFormat"),
        ref("id_order_invoice", check="isUnsignedId"),
        ref("id_warehouse", required=True, check="isUnsignedId"),
        ref("id_shop", default=1, required=True, check="isUnsignedId"),
        ref("id_customization", check="isUnsignedId"),
        Field(name="product_name", required=True, check="isGenericName"),
        ref("product_quantity", required=True, check="isInt"),
        ref("product_quantity_in_stock", check="isInt"),
        ref("product_quantity_return", check="isUnsignedInt"),
        ref("product_quantity_refunded", check="isUnsignedInt"),
        price("product_price", required=True),
        Field(name="reduction_percent", kind="decimal", places=2, check="isFloat"),
        price("reduction_amount"),
        price("reduction_amount_tax_incl"),
        price("reduction_amount_tax_excl"),
        Field(name="product_quantity_discount", kind="decimal", check="isFloat"),
        Field(name="product_ean13", check="isEan13"),
        Field(name="product_isbn", check="isIsbn"),
        Field(name="product_upc", check="isUpc"),
        Field(name="product_mpn", check="isMpn"),
        Field(name="product_reference", check="isReference"),
        Field(name="product_supplier_reference", check="isReference"),
        Field(name="product_weight", kind="decimal", check="isFloat"),
        ref("tax_computation_method", check="isUnsignedId"),
        ref("id_tax_rules_group", check="isInt"),
        price("ecotax"),
        Field(name="ecotax_tax_rate", kind="decimal", places=3, check="isFloat"),
        ref("download_nb", check="isInt"),
        price("unit_price_tax_incl"),
        price("unit_price_tax_excl"),
        price("total_price_tax_incl"),
        price("total_price_tax_excl"),
        price("total_shipping_price_tax_excl"),
        price("total_shipping_price_tax_incl"),
        price("purchase_supplier_price"),
        price("original_product_price"),
        price("original_wholesale_price"),
        price("total_refunded_tax_excl"),
        price("total_refunded_tax_incl"),
    ),
    associations=(Association(name="taxes", item="tax", api="taxes"),),
)

ORDER_CARRIERS = Resource(
    name="order_carriers",
    node="order_carrier",
    model="OrderCarrier",
    description="The carriers of orders, with the tracking",
    index=("id_order",),
    natural=("id_carrier",),
    fields=(
        ref("id"),
        ref("id_order", "orders", required=True, check="isUnsignedId"),
        ref("id_carrier", "carriers", required=True, check="isUnsignedId"),
        ref("id_order_invoice", check="isUnsignedId"),
        Field(name="weight", kind="decimal", check="isFloat"),
        Field(name="shipping_cost_tax_excl", kind="decimal", check="isFloat"),
        Field(name="shipping_cost_tax_incl", kind="decimal", check="isFloat"),
        Field(name="tracking_number", size=64, check="isTrackingNumber"),
        Field(name="date_add", kind="date", check="isDate"),
    ),
)

ORDER_HISTORIES = Resource(
    name="order_histories",
    node="order_history",
    model="OrderHistory",
    description="When an order came into which state",
    index=("id_order",),
    natural=("id_order",),
    fields=(
        ref("id"),
        ref("id_employee", "employees", check="isUnsignedId"),
        ref("id_order_state", "order_states", required=True, check="isUnsignedId"),
        ref("id_order", "orders", required=True, check="isUnsignedId"),
        Field(name="date_add", kind="date", check="isDate"),
    ),
)

ORDER_PAYMENTS = Resource(
    name="order_payments",
    node="order_payment",
    model="OrderPayment",
    description="The payments of orders",
    index=("order_reference", "transaction_id"),
    natural=("order_reference",),
    fields=(
        ref("id"),
        Field(name="order_reference", size=9, check="isAnything"),
        ref("id_currency", required=True, check="isUnsignedId"),
        Field(name="amount", kind="decimal", required=True, check="isNegativePrice"),
        Field(name="payment_method", check="isGenericName"),
        Field(name="conversion_rate", kind="decimal", check="isFloat"),
        Field(name="transaction_id", size=254, check="isAnything"),
        Field(name="card_number", size=254, check="isAnything"),
        Field(name="card_brand", size=254, check="isAnything"),
        Field(name="card_expiration", size=254, check="isAnything"),
        Field(name="card_holder", size=254, check="isAnything"),
        Field(name="date_add", kind="date", check="isDate"),
        ref("id_employee", nullable=True, check="isNullOrUnsignedId"),
    ),
)

ORDER_INVOICES = Resource(
    name="order_invoices",
    node="order_invoice",
    model="OrderInvoice",
    description="The invoices of orders",
    index=("id_order",),
    natural=("id_order",),
    fields=(
        ref("id"),
        ref("id_order", required=True, check="isUnsignedId"),
        ref("number", required=True, check="isUnsignedId"),
        ref("delivery_number", check="isUnsignedId"),
        Field(name="delivery_date", kind="date", check="isDateFormat"),
        price("total_discount_tax_excl"),
        price("total_discount_tax_incl"),
        price("total_paid_tax_excl"),
        price("total_paid_tax_incl"),
        price("total_products"),
        price("total_products_wt"),
        price("total_shipping_tax_excl"),
        price("total_shipping_tax_incl"),
        ref("shipping_tax_computation_method"),
        price("total_wrapping_tax_excl"),
        price("total_wrapping_tax_incl"),
        Field(name="shop_address", size=1000, check="isCleanHtml"),
        Field(name="note", size=LONGEST_TEXT, check="isCleanHtml"),
        Field(name="date_add", kind="date", check="isDate"),
    ),
)

RESOURCES: Sequence[Resource] = (
    CARTS,
    ORDERS,
    ORDER_DETAILS,
    ORDER_CARRIERS,
    ORDER_HISTORIES,
    ORDER_PAYMENTS,
    ORDER_INVOICES,
)
