"""The questions of the shop that lives in our own database: its products, its orders and parcels, the stock between.

People and addresses come in sealed and go out sealed: nothing here can read them.
"""

from app.store.embedded.orders import (
    Cancelled,
    MissingProducts,
    OrderContent,
    OrderLine,
    OrderState,
    StoredOrder,
    cancel_order,
    create_order,
    delete_order,
    id_of,
    order_by_key,
    orders_after,
    orders_by_key,
    orders_named,
    orders_since,
)
from app.store.embedded.parcels import (
    ListedOrder,
    NotShipped,
    Progress,
    Shipping,
    ShipRequest,
    listed_after,
    progress,
    ship_order,
)
from app.store.embedded.products import (
    Product,
    Saved,
    product_count,
    products_after,
    products_by_ean,
    products_by_sku,
    save_products,
)

__all__ = [
    "Cancelled",
    "ListedOrder",
    "MissingProducts",
    "NotShipped",
    "OrderContent",
    "OrderLine",
    "OrderState",
    "Product",
    "Progress",
    "Saved",
    "ShipRequest",
    "Shipping",
    "StoredOrder",
    "cancel_order",
    "create_order",
    "delete_order",
    "id_of",
    "listed_after",
    "order_by_key",
    "orders_after",
    "orders_by_key",
    "orders_named",
    "orders_since",
    "product_count",
    "products_after",
    "products_by_ean",
    "products_by_sku",
    "progress",
    "save_products",
    "ship_order",
]
