"""`marketcron shop …`."""

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from app.cli.output import (
    AsJson,
    answer_findings,
    complain,
    print_json,
    reader_of_terminal,
    say,
)
from app.cli.process import opened, run_to_end
from app.cli.shop_choices import carriers, states
from app.cli.shop_named import Name, embedded_shop
from app.cli.shop_parcels import cancel, delete_order, ship
from app.cli.shop_test_order import try_order
from app.cli.table import print_table
from app.cli.values import Pairs, complete, values_of
from app.domain.finding import Finding
from app.errors import BadInput
from app.shops.embedded.catalogue import Catalogue, Problem, load_catalogue, read_catalogue
from app.shops.embedded.mapping import flat_rows
from app.shops.embedded.orders import orders as orders_of
from app.shops.registry import SHOPS, kind
from app.store import accounts
from app.store.accounts import StoredShop
from app.store.embedded import Saved
from app.system import System

shop = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Add, look at and test shops, load catalogues, ship and cancel orders.",
)

PROBLEMS_SHOWN = 20

File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="CSV with the columns sku, title, ean, price, quantity.")
]


@shop.command()
def add(
    name: Name,
    kind_name: Annotated[str, typer.Option("--kind", help=f"One of: {', '.join(SHOPS)}.")],
    set_: Pairs = None,
    json_: AsJson = False,
) -> None:
    """Add a shop."""
    model = kind(kind_name).config
    row = run_to_end(_add(name, kind_name, values=complete(values_of(set_ or [], model), model)))
    if json_:
        print_json(_record(row))
    else:
        say(f"Added the shop {name}. Test it: marketcron shop check {name}")


async def _add(name: str, kind_name: str, *, values: dict[str, Any]) -> StoredShop:
    async with opened() as system:
        return await system.shops.add(name, kind_name=kind_name, values=values)


@shop.command("list")
def list_(json_: AsJson = False) -> None:
    """List the shops."""
    records = [_record(row) for row in run_to_end(_list())]
    if json_:
        print_json(records)
    else:
        print_table(("SHOP", "KIND"), [(each["shop"], each["kind"]) for each in records], nothing="There is no shop.")


async def _list() -> list[StoredShop]:
    async with opened() as system:
        return await system.store.read(accounts.shops)


@shop.command("set")
def set_(
    name: Name,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="As with --set.")] = None,
    set_: Pairs = None,
    json_: AsJson = False,
) -> None:
    """Change fields of a shop; an empty value brings the default back."""
    given = [*(pairs or []), *(set_ or [])]
    if not given:
        raise BadInput(f"Nothing to change. Write: marketcron shop set {name} KEY=VALUE.")
    row, changed = run_to_end(_set(name, given))
    if json_:
        print_json(_record(row))
        return
    say(f"{name}: {', '.join(changed)} set. Test it: marketcron shop check {name}")


async def _set(name: str, pairs: list[str]) -> tuple[StoredShop, dict[str, Any]]:
    async with opened() as system:
        row = await system.shops.named(name)
        if row.kind == "embedded":
            raise BadInput(f"The prices and orders of {name} are in its currency: add another shop for another one.")
        values = values_of(pairs, kind(row.kind).config)
        return await system.shops.change(name, values), values


@shop.command()
def check(name: Name, json_: AsJson = False) -> None:
    """Test a shop: what works, what is missing, how to mend it."""
    answer_findings(run_to_end(_check(name)), as_json=json_, reader=reader_of_terminal())


async def _check(name: str) -> list[Finding]:
    async with opened() as system:
        return await system.shops.check(name)


@shop.command("load-catalog")
def load_catalog(
    name: Name,
    file: File,
    partial: Annotated[bool, typer.Option("--partial", help="Load the good lines even if some are bad.")] = False,
    json_: AsJson = False,
) -> None:
    """Load products into an embedded shop; those the file does not name stay."""
    saved, problems = run_to_end(_load(name, file, partial=partial))
    if json_:
        counts = {"added": saved.added, "changed": saved.changed, "unchanged": saved.unchanged}
        bad = [{"line": each.line, "column": each.column, "reason": each.reason} for each in problems]
        print_json({**counts, "problems": bad})
    else:
        say(f"{saved.added} products added, {saved.changed} changed, {saved.unchanged} as they were.")


async def _load(name: str, file: Path, *, partial: bool) -> tuple[Saved, tuple[Problem, ...]]:
    async with opened() as system:
        row = await embedded_shop(system, name)
        catalogue = await asyncio.to_thread(read_catalogue, file)
        _complain_about(catalogue)
        saved = await load_catalogue(system.store, row.id, catalogue, clock=system.clock, partial=partial)
        return saved, catalogue.problems


async def load(system: System, shop_name: str, source: BinaryIO) -> Saved:
    """Load a catalogue file into an embedded shop; raises BadInput for a bad line."""
    row = await embedded_shop(system, shop_name)
    catalogue = await asyncio.to_thread(read_catalogue, source)
    return await load_catalogue(system.store, row.id, catalogue, clock=system.clock)


def _complain_about(catalogue: Catalogue) -> None:
    for problem in catalogue.problems[:PROBLEMS_SHOWN]:
        column = f", {problem.column}" if problem.column else ""
        complain(f"line {problem.line}{column}: {problem.reason}")
    if len(catalogue.problems) > PROBLEMS_SHOWN:
        complain(f"and {len(catalogue.problems) - PROBLEMS_SHOWN} more")


@shop.command()
def orders(
    name: Name,
    json_: AsJson = False,
    csv_: Annotated[bool, typer.Option("--csv", help="Print CSV, one row per order line.")] = False,
    addresses: Annotated[bool, typer.Option("--addresses", help="With buyers and where they live.")] = False,
) -> None:
    """List what an embedded shop holds."""
    if json_ and csv_:
        raise BadInput("--json and --csv exclude each other. Choose one.")
    run_to_end(_orders(name, as_json=json_, as_csv=csv_, addresses=addresses))


async def _orders(name: str, *, as_json: bool, as_csv: bool, addresses: bool) -> None:
    async with opened() as system:
        row = await embedded_shop(system, name)
        found = orders_of(system.store, row.id, system.keys.cipher, addresses=addresses)
        if as_json:
            # Printed as it is read: a shop may hold a hundred thousand orders.
            typer.echo("[", nl=False)
            count = 0
            async for order in found:
                typer.echo((",\n " if count else "") + json.dumps(order, ensure_ascii=False), nl=False)
                count += 1
            typer.echo("]")
        elif as_csv:
            writer = None
            async for order in found:
                for line in flat_rows(order):
                    if writer is None:
                        writer = csv.DictWriter(sys.stdout, list(line), lineterminator="\n")
                        writer.writeheader()
                    writer.writerow(line)
        else:
            print_orders([order async for order in found])


def print_orders(found: list[dict[str, Any]]) -> None:
    """Print orders of a shop, one a line."""
    rows = [
        (
            order["ref"],
            order["marketplace_order_id"],
            order["platform"],
            order["state"],
            f"{order['total']['amount']} {order['total']['currency']}",
            ", ".join(f"{line['quantity']} x {line['sku']}" for line in order["lines"]),
            ", ".join(f"{each['carrier']} {each['tracking']}".strip() or "no tracking" for each in order["shipments"]),
        )
        for order in found
    ]
    columns = ("REF", "MARKETPLACE ORDER", "PLATFORM", "STATE", "TOTAL", "LINES", "PARCELS")
    print_table(columns, rows, nothing="The shop holds no order.")


def _record(row: StoredShop) -> dict[str, Any]:
    return {"shop": row.name, "kind": row.kind, "created_at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}"}


shop.command("test-order")(try_order)
for command in (ship, cancel, delete_order, states, carriers):
    shop.command()(command)
