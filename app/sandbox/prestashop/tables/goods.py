"""Products and their combinations, what is in stock of them, and prices beside the usual one."""

from collections.abc import Sequence

from app.sandbox.prestashop.tables.rows import Database, Row
from app.sandbox.prestashop.tables.schema import NO_DATE, Association, Field, Item, Part, Resource, flag, price, ref


def _combinations(database: Database, product: Row) -> Sequence[Item]:
    return [{"id": str(row.id)} for row in database["combinations"].where("id_product", product.id)]


def _stock(database: Database, product: Row) -> Sequence[Item]:
    return [
        {"id": str(row.id), "id_product_attribute": str(row["id_product_attribute"])}
        for row in database["stock_availables"].where("id_product", product.id)
    ]


def _product_image(product: Row, item: Item) -> str:
    return f"images/products/{product.id}/{item['id']}"


def _combination_image(combination: Row, item: Item) -> str:
    return f"images/products/{combination['id_product']}/{item['id']}"


PRODUCTS = Resource(
    name="products",
    node="product",
    model="Product",
    description="The products",
    index=("reference", "ean13"),
    fields=(
        ref("id"),
        ref("id_manufacturer", "manufacturers", check="isUnsignedId"),
        ref("id_supplier", "suppliers", check="isUnsignedId"),
        ref("id_category_default", "categories", default=2, check="isUnsignedId"),
        Field(name="new", nullable=True),
        ref("cache_default_attribute"),
        ref("id_default_image", "images/products", getter=True),
        ref("id_default_combination", "combinations", getter=True, number=True),
        ref("id_tax_rules_group", "tax_rule_groups", check="isUnsignedId"),
        ref("position_in_category", default=1, getter=True),
        Field(name="manufacturer_name", getter=True, fixed=True),
        # Always 0: what is in stock is told by stock_availables alone.
        ref("quantity", getter=True, fixed=True),
        Field(name="type", default="simple", getter=True),
        ref("id_shop_default", default=1, check="isUnsignedId"),
        Field(name="reference", size=64, check="isReference"),
        Field(name="supplier_reference", size=64, check="isReference"),
        Field(name="location", size=255, check="isString"),
        Field(name="width", kind="decimal", check="isUnsignedFloat"),
        Field(name="height", kind="decimal", check="isUnsignedFloat"),
        Field(name="depth", kind="decimal", check="isUnsignedFloat"),
        Field(name="weight", kind="decimal", check="isUnsignedFloat"),
        ref("quantity_discount"),
        Field(name="ean13", size=13, check="isEan13"),
        Field(name="isbn", size=32, check="isIsbn"),
        Field(name="upc", size=12, check="isUpc"),
        Field(name="mpn", size=40, check="isMpn"),
        flag("cache_is_pack"),
        flag("cache_has_attachments"),
        flag("is_virtual"),
        ref("state", default=1),
        ref("additional_delivery_times", default=1),
        Field(name="delivery_in_stock", kind="lang", size=255),
        Field(name="delivery_out_stock", kind="lang", size=255),
        Field(name="product_type", default="standard"),
        flag("on_sale"),
        flag("online_only"),
        price("ecotax"),
        ref("minimal_quantity", default=1, check="isUnsignedInt"),
        ref("low_stock_threshold", nullable=True, check="isInt"),
        flag("low_stock_alert"),
        price("price", required=True),
        price("wholesale_price"),
        Field(name="unity"),
        price("unit_price"),
        price("unit_price_ratio"),
        price("additional_shipping_cost"),
        ref("customizable"),
        ref("text_fields"),
        ref("uploadable_files"),
        flag("active"),
        Field(name="redirect_type", default="404"),
        ref("id_type_redirected"),
        flag("available_for_order", default=1),
        Field(name="available_date", default="0000-00-00", check="isDateFormat"),
        flag("show_condition"),
        Field(name="condition", default="new"),
        flag("show_price", default=1),
        flag("indexed", default=1),
        Field(name="visibility", default="both"),
        flag("advanced_stock_management"),
        Field(name="date_add", kind="date", check="isDate"),
        Field(name="date_upd", kind="date", check="isDate"),
        ref("pack_stock_type", default=3),
        Field(name="meta_description", kind="lang", size=512),
        Field(name="meta_keywords", kind="lang", size=255),
        Field(name="meta_title", kind="lang", size=255),
        Field(name="link_rewrite", kind="lang", required=True, size=128),
        Field(name="name", kind="lang", required=True, size=128, check="isCatalogName"),
        Field(name="description", kind="lang"),
        Field(name="description_short", kind="lang"),
        Field(name="available_now", kind="lang", size=255),
        Field(name="available_later", kind="lang", size=255),
    ),
    associations=(
        Association(name="categories", item="category", api="categories"),
        Association(name="images", item="image", api="images", link=_product_image),
        Association(name="combinations", item="combination", api="combinations", items=_combinations),
        Association(name="product_option_values", item="product_option_value", api="product_option_values"),
        Association(
            name="product_features",
            item="product_feature",
            api="product_features",
            parts=(Part(name="id"), Part(name="id_feature_value", link="product_feature_values")),
        ),
        Association(name="tags", item="tag", api="tags"),
        Association(
            name="stock_availables",
            item="stock_available",
            api="stock_availables",
            parts=(Part(name="id"), Part(name="id_product_attribute")),
            items=_stock,
        ),
        Association(name="attachments", item="attachment", api="attachments"),
        Association(name="accessories", item="product", api="products"),
        Association(name="product_bundle", item="product", api="products"),
    ),
)

COMBINATIONS = Resource(
    name="combinations",
    node="combination",
    model="Combination",
    description="The combinations of products",
    index=("id_product", "reference", "ean13"),
    fields=(
        ref("id"),
        ref("id_product", "products", required=True, check="isUnsignedId"),
        Field(name="ean13", size=13, check="isEan13"),
        Field(name="isbn", size=32, check="isIsbn"),
        Field(name="upc", size=12, check="isUpc"),
        Field(name="mpn", size=40, check="isMpn"),
        Field(name="reference", size=64),
        Field(name="supplier_reference", size=64),
        price("wholesale_price"),
        price("price"),
        price("ecotax"),
        Field(name="weight", kind="decimal", check="isFloat"),
        price("unit_price_impact"),
        ref("minimal_quantity", default=1, required=True, check="isUnsignedId"),
        ref("low_stock_threshold", nullable=True, check="isInt"),
        flag("low_stock_alert"),
        flag("default_on", nullable=True),
        Field(name="available_date", default="0000-00-00", check="isDateFormat"),
        Field(name="available_now", kind="lang", size=255),
        Field(name="available_later", kind="lang", size=255),
    ),
    associations=(
        Association(name="product_option_values", item="product_option_value", api="product_option_values"),
        Association(name="images", item="image", api="images/products", link=_combination_image),
    ),
)

STOCK = Resource(
    name="stock_availables",
    node="stock_available",
    model="StockAvailable",
    description="The pieces that can be sold",
    # Rows are made and deleted with their products.
    verbs=frozenset({"GET", "PUT", "PATCH", "HEAD"}),
    index=("id_product",),
    natural=("id_product_attribute", "id_product"),
    fields=(
        ref("id"),
        ref("id_product", "products", required=True, check="isUnsignedId"),
        ref("id_product_attribute", "combinations", required=True, check="isUnsignedId"),
        ref("id_shop", "shops", check="isUnsignedId"),
        ref("id_shop_group", "shop_groups", check="isUnsignedId"),
        ref("quantity", required=True, check="isInt"),
        flag("depends_on_stock", required=True),
        ref("out_of_stock", required=True, check="isInt"),
        Field(name="location", size=255, check="isString"),
    ),
)

SPECIFIC_PRICES = Resource(
    name="specific_prices",
    node="specific_price",
    model="SpecificPrice",
    description="Prices for some buyers, carts or times",
    index=("id_product", "id_cart"),
    natural=("id_product", "id_shop"),
    fields=(
        ref("id"),
        ref("id_shop_group", "shop_groups", check="isUnsignedId"),
        ref("id_shop", "shops", required=True, check="isUnsignedId"),
        ref("id_cart", "carts", required=True, check="isUnsignedId"),
        ref("id_product", "products", required=True, check="isUnsignedId"),
        ref("id_product_attribute", "product_attributes", check="isUnsignedId"),
        ref("id_currency", "currencies", required=True, check="isUnsignedId"),
        ref("id_country", "countries", required=True, check="isUnsignedId"),
        ref("id_group", "groups", required=True, check="isUnsignedId"),
        ref("id_customer", "customers", required=True, check="isUnsignedId"),
        ref("id_specific_price_rule", "specific_price_rules", check="isUnsignedId"),
        Field(name="price", kind="decimal", required=True, check="isNegativePrice"),
        ref("from_quantity", required=True, check="isUnsignedInt"),
        Field(name="reduction", kind="decimal", required=True, check="isPrice"),
        flag("reduction_tax", default=1, required=True),
        Field(name="reduction_type", required=True, check="isReductionType"),
        Field(name="from", kind="date", required=True, check="isDateFormat", default=NO_DATE),
        Field(name="to", kind="date", required=True, check="isDateFormat", default=NO_DATE),
    ),
)

PRODUCT_SUPPLIERS = Resource(
    name="product_suppliers",
    node="product_supplier",
    model="ProductSupplier",
    description="What suppliers call the products",
    index=("id_product", "product_supplier_reference"),
    fields=(
        ref("id"),
        ref("id_product", "products", required=True, check="isUnsignedId"),
        ref("id_product_attribute", "combinations", required=True, check="isUnsignedId"),
        ref("id_supplier", "suppliers", required=True, check="isUnsignedId"),
        ref("id_currency", "currencies", check="isUnsignedId"),
        Field(name="product_supplier_reference", size=64, check="isReference"),
        price("product_supplier_price_te"),
    ),
)

RESOURCES: Sequence[Resource] = (PRODUCTS, COMBINATIONS, STOCK, SPECIFIC_PRICES, PRODUCT_SUPPLIERS)
