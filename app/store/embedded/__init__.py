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
    orders_named,
    orders_since,
)
from app.store.embedded.products import (
    Product,
    Saved,
    product_count,
    products_after,
    products_by_sku,
    save_products,
)
from app.store.embedded.shipments import (
    ListedOrder,
    NotShipped,
    Parcel,
    Progress,
    Shipping,
    StoredShipment,
    listed_after,
    progress,
    ship_order,
)

__all__ = [
    "Cancelled",
    "ListedOrder",
    "MissingProducts",
    "NotShipped",
    "OrderContent",
    "OrderLine",
    "OrderState",
    "Parcel",
    "Product",
    "Progress",
    "Saved",
    "Shipping",
    "StoredOrder",
    "StoredShipment",
    "cancel_order",
    "create_order",
    "delete_order",
    "id_of",
    "listed_after",
    "order_by_key",
    "orders_after",
    "orders_named",
    "orders_since",
    "product_count",
    "products_after",
    "products_by_sku",
    "progress",
    "save_products",
    "ship_order",
]
