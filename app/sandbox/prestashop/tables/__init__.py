"""What the shop's Webservice serves: the resources that have rows here, and the names of all there are."""

from collections.abc import Mapping

from app.sandbox.prestashop.tables import goods, orders, people, places, setup
from app.sandbox.prestashop.tables.rows import Database, Row, Table
from app.sandbox.prestashop.tables.schema import Resource

RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in sorted(
        (*people.RESOURCES, *places.RESOURCES, *setup.RESOURCES, *goods.RESOURCES, *orders.RESOURCES),
        key=lambda resource: resource.name,
    )
}
# What exists in every shop and has no rows in this one: no key of the sandbox has a right to it.
ELSEWHERE = frozenset(
    {
        "attachments",
        "cart_rules",
        "categories",
        "contacts",
        "content_management_system",
        "customer_messages",
        "customer_threads",
        "customizations",
        "deliveries",
        "employees",
        "guests",
        "image_types",
        "images",
        "manufacturers",
        "order_cart_rules",
        "order_slip",
        "price_ranges",
        "product_customization_fields",
        "product_feature_values",
        "product_features",
        "product_option_values",
        "product_options",
        "search",
        "shop_urls",
        "specific_price_rules",
        "stock_movement_reasons",
        "stock_movements",
        "stocks",
        "stores",
        "suppliers",
        "supply_order_details",
        "supply_order_histories",
        "supply_order_receipt_histories",
        "supply_order_states",
        "supply_orders",
        "tags",
        "translated_configurations",
        "warehouse_product_locations",
        "warehouses",
        "weight_ranges",
    }
)

__all__ = ["ELSEWHERE", "RESOURCES", "Database", "Resource", "Row", "Table"]
