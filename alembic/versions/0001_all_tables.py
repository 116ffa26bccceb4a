"""All tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.store.types import UtcDateTime

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("claimed_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_access_tokens")),
    )
    op.create_table(
        "canary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("rotated_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canary")),
    )
    op.create_table(
        "leases",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_leases")),
    )
    op.create_table(
        "quotas",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("tat", sa.Float(), nullable=False),
        sa.Column("interval_s", sa.Float(), nullable=False),
        sa.Column("burst", sa.Float(), nullable=False),
        sa.Column("spacing_s", sa.Float(), nullable=False),
        sa.Column("blocked_until", sa.Float(), nullable=False),
        sa.Column("learned", sa.Boolean(), nullable=False),
        sa.Column("wait", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "operation", name=op.f("pk_quotas")),
    )
    op.create_table(
        "reference_cache",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name", name=op.f("pk_reference_cache")),
    )
    op.create_table(
        "shops",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("config", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops")),
        sa.UniqueConstraint("name", name=op.f("uq_shops_name")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("config", sa.LargeBinary(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("seller_key", sa.String(), nullable=True),
        sa.Column("fulfilments", sa.JSON(), nullable=False),
        sa.Column("token_generation", sa.Integer(), nullable=False),
        sa.Column("token_rotated_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_accounts_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_shop_id"), ["shop_id"], unique=False)
        batch_op.create_index(
            "uq_accounts_name",
            ["name"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    op.create_table(
        "embedded_customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_embedded_customers_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedded_customers")),
    )
    with op.batch_alter_table("embedded_customers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_embedded_customers_shop_id"), ["shop_id"], unique=False)

    op.create_table(
        "embedded_products",
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("ean", sa.String(), nullable=False),
        sa.Column("price", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_embedded_products_shop_id_shops")),
        sa.PrimaryKeyConstraint("shop_id", "sku", name=op.f("pk_embedded_products")),
    )
    op.create_table(
        "cursors",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_cursors_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "task", name=op.f("pk_cursors")),
    )
    op.create_table(
        "embedded_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("marketplace_order_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total", sa.String(), nullable=False),
        sa.Column("shipping_method", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("addresses", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("stock_lowered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["embedded_customers.id"], name=op.f("fk_embedded_orders_customer_id_embedded_customers")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_embedded_orders_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedded_orders")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_embedded_orders_shop_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("embedded_orders", schema=None) as batch_op:
        batch_op.create_index("ix_embedded_orders_shop_id_id", ["shop_id", "id"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("seller_key", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("intake", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("intake_since", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decision_code", sa.String(), nullable=False),
        sa.Column("decision_sent_at", sa.Float(), nullable=True),
        sa.Column("remote_state", sa.String(), nullable=False),
        sa.Column("platform_status", sa.String(), nullable=False),
        sa.Column("fulfilment", sa.String(), nullable=False),
        sa.Column("sales_channel", sa.String(), nullable=False),
        sa.Column("shipping_method", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("accept_by", UtcDateTime(), nullable=True),
        sa.Column("ship_by", UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("shop_ref", sa.String(), nullable=True),
        sa.Column("imported_at", UtcDateTime(), nullable=True),
        sa.Column("imported_run", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ledger_account_id_accounts")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_ledger_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("platform", "seller_key", "order_id", name=op.f("uq_ledger_platform_seller_key_order_id")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_account_decision", ["account_id", "decision", "id"], unique=False)
        batch_op.create_index("ix_ledger_account_intake", ["account_id", "intake", "id"], unique=False)
        batch_op.create_index("ix_ledger_shop_intake", ["shop_id", "intake"], unique=False)

    op.create_table(
        "offers",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("fulfilment", sa.String(), nullable=False),
        sa.Column("known_quantity", sa.Integer(), nullable=False),
        sa.Column("known_price", sa.String(), nullable=False),
        sa.Column("other_prices", sa.Text(), nullable=False),
        sa.Column("wanted_quantity", sa.Integer(), nullable=True),
        sa.Column("wanted_price", sa.String(), nullable=True),
        sa.Column("listed_at", UtcDateTime(), nullable=False),
        sa.Column("walked_by", sa.String(), nullable=False),
        sa.Column("sent_quantity", sa.Integer(), nullable=True),
        sa.Column("sent_price", sa.String(), nullable=True),
        sa.Column("stock_receipt", sa.Integer(), nullable=True),
        sa.Column("price_receipt", sa.Integer(), nullable=True),
        sa.Column("refused_stock", sa.String(), nullable=True),
        sa.Column("refused_price", sa.String(), nullable=True),
        sa.Column("refused_params", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_offers_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "sku", name=op.f("pk_offers")),
    )
    op.create_table(
        "passes",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("combination", sa.String(), nullable=False),
        sa.Column("window_from", UtcDateTime(), nullable=False),
        sa.Column("born_at", UtcDateTime(), nullable=False),
        sa.Column("resume", sa.Text(), nullable=True),
        sa.Column("remote_now", UtcDateTime(), nullable=True),
        sa.Column("seen_until", UtcDateTime(), nullable=True),
        sa.Column("read_whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_passes_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "task", "name", name=op.f("pk_passes")),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_receipts_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index("ix_receipts_account_id_state", ["account_id", "state", "id"], unique=False)

    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("combination", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("one_off", sa.Boolean(), nullable=False),
        sa.Column("slot", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("continues", sa.String(), nullable=True),
        sa.Column("lease_key", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("resume_at", UtcDateTime(), nullable=True),
        sa.Column("window", sa.JSON(), nullable=True),
        sa.Column("quota", sa.JSON(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("last_run_id", sa.String(), nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_runs_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_account_task", ["account_id", "task", "id"], unique=False)
        batch_op.create_index("ix_runs_status", ["status", "resume_at"], unique=False)
        batch_op.create_index(
            "uq_runs_active",
            ["account_id", "task", "combination"],
            unique=True,
            sqlite_where=sa.text("status IN ('queued', 'running')"),
            postgresql_where=sa.text("status IN ('queued', 'running')"),
        )
        batch_op.create_index(
            "uq_runs_slot",
            ["account_id", "task", "combination", "slot"],
            unique=True,
            sqlite_where=sa.text("slot IS NOT NULL AND status <> 'failed'"),
            postgresql_where=sa.text("slot IS NOT NULL AND status <> 'failed'"),
        )

    op.create_table(
        "embedded_order_lines",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("product_sku", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.String(), nullable=False),
        sa.Column("total", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["embedded_orders.id"],
            name=op.f("fk_embedded_order_lines_order_id_embedded_orders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_embedded_order_lines")),
    )
    op.create_table(
        "embedded_shipments",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["embedded_orders.id"],
            name=op.f("fk_embedded_shipments_order_id_embedded_orders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("order_id", "sequence", name=op.f("pk_embedded_shipments")),
    )
    op.create_table(
        "ledger_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ledger_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("machine", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["ledger.id"], name=op.f("fk_ledger_history_ledger_id_ledger"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_history")),
    )
    with op.batch_alter_table("ledger_history", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_history_ledger_id", ["ledger_id", "id"], unique=False)

    op.create_table(
        "ledger_lines",
        sa.Column("ledger_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("unit_ids", sa.JSON(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_open", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["ledger.id"], name=op.f("fk_ledger_lines_ledger_id_ledger"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ledger_id", "line_id", name=op.f("pk_ledger_lines")),
    )
    with op.batch_alter_table("ledger_lines", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_lines_sku", ["sku"], unique=False)

    op.create_table(
        "parcels",
        sa.Column("ledger_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=True),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("confirmed_number", sa.String(), nullable=True),
        sa.Column("unshown_since", UtcDateTime(), nullable=True),
        sa.Column("status_when_confirmed", sa.String(), nullable=False),
        sa.Column("awaited", sa.String(), nullable=False),
        sa.Column("confirm_repeats", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["ledger.id"], name=op.f("fk_parcels_ledger_id_ledger"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ledger_id", "sequence", name=op.f("pk_parcels")),
    )
    with op.batch_alter_table("parcels", schema=None) as batch_op:
        batch_op.create_index("ix_parcels_state", ["state", "next_try_at"], unique=False)
        batch_op.create_index("ix_parcels_unshown_since", ["unshown_since"], unique=False)

    op.create_table(
        "run_items",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("catch_up", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_items_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "subject", name=op.f("pk_run_items")),
    )
    op.execute("INSERT INTO shops (id, name, kind, created_at) VALUES ('main', 'main', 'embedded', CURRENT_TIMESTAMP)")


def downgrade() -> None:
    op.drop_table("run_items")
    with op.batch_alter_table("parcels", schema=None) as batch_op:
        batch_op.drop_index("ix_parcels_unshown_since")
        batch_op.drop_index("ix_parcels_state")

    op.drop_table("parcels")
    with op.batch_alter_table("ledger_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_lines_sku")

    op.drop_table("ledger_lines")
    with op.batch_alter_table("ledger_history", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_history_ledger_id")

    op.drop_table("ledger_history")
    op.drop_table("embedded_shipments")
    op.drop_table("embedded_order_lines")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_runs_slot",
            sqlite_where=sa.text("slot IS NOT NULL AND status <> 'failed'"),
            postgresql_where=sa.text("slot IS NOT NULL AND status <> 'failed'"),
        )
        batch_op.drop_index(
            "uq_runs_active",
            sqlite_where=sa.text("status IN ('queued', 'running')"),
            postgresql_where=sa.text("status IN ('queued', 'running')"),
        )
        batch_op.drop_index("ix_runs_status")
        batch_op.drop_index("ix_runs_account_task")

    op.drop_table("runs")
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_index("ix_receipts_account_id_state")

    op.drop_table("receipts")
    op.drop_table("passes")
    op.drop_table("offers")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_shop_intake")
        batch_op.drop_index("ix_ledger_account_intake")
        batch_op.drop_index("ix_ledger_account_decision")

    op.drop_table("ledger")
    with op.batch_alter_table("embedded_orders", schema=None) as batch_op:
        batch_op.drop_index("ix_embedded_orders_shop_id_id")

    op.drop_table("embedded_orders")
    op.drop_table("cursors")
    op.drop_table("embedded_products")
    with op.batch_alter_table("embedded_customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_embedded_customers_shop_id"))

    op.drop_table("embedded_customers")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_accounts_name",
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_accounts_shop_id"))

    op.drop_table("accounts")
    op.drop_table("shops")
    op.drop_table("reference_cache")
    op.drop_table("quotas")
    op.drop_table("leases")
    op.drop_table("canary")
    op.drop_table("access_tokens")
