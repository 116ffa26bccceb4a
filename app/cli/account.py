"""`marketcron account …`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from app.accounts import Added
from app.cli.adopted_orders import read_adopted
from app.cli.output import (
    AsJson,
    answer_findings,
    complain,
    finding_records,
    print_findings,
    print_json,
    say,
)
from app.cli.process import opened, run_to_end
from app.cli.shop_choices import map_states
from app.cli.sku_links import map_sku, unmap_sku
from app.cli.table import print_table
from app.cli.urls import BaseUrl, CronUrl, base_of, print_urls, urls_of
from app.cli.values import Pairs, ask, complete, somebody_answers, values_of
from app.domain.finding import Finding
from app.domain.wording import Reader
from app.errors import BadInput
from app.marketplaces.registry import PLATFORMS, platform
from app.store import accounts
from app.store.accounts import StoredAccount
from app.system import System
from app.tasks.settings import AccountSettings, read_settings

account = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Add, look at, test, change and remove accounts at marketplaces."
)

Name = Annotated[str, typer.Argument(help="Name of the account.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Text or CSV: ORDER_ID[,SHOP_REFERENCE].")]


@account.command()
def add(
    name: Name,
    platform_name: Annotated[str, typer.Option("--platform", help=f"One of: {', '.join(PLATFORMS)}.")],
    shop: Annotated[str, typer.Option(help="Shop its orders go to.")] = "main",
    set_: Pairs = None,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Test the connection first.")] = True,
    base_url: BaseUrl = None,
    json_: AsJson = False,
) -> None:
    """Add an account after testing its connection, and print its cron URLs."""
    chosen = platform(platform_name)
    values = complete(values_of(set_ or [], chosen.config, AccountSettings), chosen.config)
    if "start_from" not in values and somebody_answers():
        about = AccountSettings.model_fields["start_from"].description or ""
        values["start_from"] = "" if (given := ask("start_from", about, default="now")) == "now" else given
    added, found = run_to_end(_add(name, platform_name, shop, values=values, test=check, base_url=base_url))
    reader = read_settings(added.account.settings).reader()
    if json_:
        print_json(
            {
                "account": added.account.name,
                "platform": added.account.platform,
                "shop": shop,
                "start_from": added.account.settings["start_from"],
                "findings": finding_records(added.findings, reader),
                "urls": [{"task": url.task, "url": url.url, "catch_up": url.catch_up} for url in found],
            }
        )
        return
    print_findings(added.findings, reader)
    say(f"Added {name}. Orders placed before {added.account.settings['start_from']} are left alone.")
    print_urls(found)


async def _add(
    name: str, platform_name: str, shop: str, *, values: dict[str, Any], test: bool, base_url: str | None
) -> tuple[Added, list[CronUrl]]:
    async with opened() as system:
        base = base_of(system, base_url)
        added = await system.accounts.add(name, platform_name=platform_name, shop_name=shop, values=values, test=test)
        return added, urls_of(system, added.account, base_url=base)


@account.command("list")
def list_(json_: AsJson = False) -> None:
    """List the accounts."""
    found = run_to_end(_records())
    if json_:
        print_json(found)
        return
    rows = [(each["account"], each["platform"], each["shop"], each["settings"]["start_from"]) for each in found]
    nothing = "There is no account yet. Add one: marketcron account add NAME --platform PLATFORM"
    print_table(("ACCOUNT", "PLATFORM", "SHOP", "ORDERS FROM"), rows, nothing=nothing)


@account.command()
def show(name: Name, json_: AsJson = False) -> None:
    """Show an account with its settings; secrets stay hidden."""
    _show(run_to_end(_records(name))[0], json_=json_)


@account.command("set")
def set_(
    name: Name,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="As with --set.")] = None,
    set_: Pairs = None,
    json_: AsJson = False,
) -> None:
    """Change fields of an account; an empty value brings the default back."""
    given = [*(pairs or []), *(set_ or [])]
    if not given:
        raise BadInput(f"Nothing to change. Write: marketcron account set {name} KEY=VALUE.")
    changed = run_to_end(_set(name, given))
    if json_:
        _show(run_to_end(_records(name))[0], json_=True)
        return
    say(f"{name}: {', '.join(changed)} set.")
    if not changed.keys() <= AccountSettings.model_fields.keys():
        say(f"Test the connection: marketcron account check {name}")


async def _set(name: str, pairs: list[str]) -> dict[str, Any]:
    async with opened() as system:
        row = await system.accounts.named(name)
        values = values_of(pairs, platform(row.platform).config, AccountSettings)
        await system.accounts.change(name, values)
        return values


@account.command()
def check(name: Name, json_: AsJson = False) -> None:
    """Test the connection: what works, what is missing, how to mend it."""
    findings, reader = run_to_end(_check(name))
    answer_findings(findings, as_json=json_, reader=reader)


async def _check(name: str) -> tuple[list[Finding], Reader]:
    async with opened() as system:
        row = await system.accounts.named(name)
        return await system.accounts.check(name), read_settings(row.settings).reader()


@account.command("rotate-token")
def rotate_token(name: Name, base_url: BaseUrl = None, json_: AsJson = False) -> None:
    """Give an account new cron URLs; the old ones work on for TOKEN_GRACE_DAYS."""
    found, until = run_to_end(_rotate(name, base_url=base_url))
    if json_:
        print_json({"account": name, "old_urls_work_until": until, "urls": [url.url for url in found]})
        return
    say(f"The old URLs of {name} work until {until}. The new ones:")
    print_urls(found)


async def _rotate(name: str, *, base_url: str | None) -> tuple[list[CronUrl], str]:
    async with opened() as system:
        base = base_of(system, base_url)
        row = await system.accounts.rotate_token(name)
        rotated_at = row.token_rotated_at or system.clock.now()
        until = rotated_at + timedelta(days=system.settings.token_grace_days)
        return urls_of(system, row, base_url=base), f"{until:%Y-%m-%dT%H:%M:%SZ}"


@account.command()
def remove(
    name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False, json_: AsJson = False
) -> None:
    """Remove an account: its URLs stop working at once, the record of its orders stays."""
    if not yes and somebody_answers() and not typer.confirm(f"Remove {name}? Its URLs stop working at once", err=True):
        complain("Nothing was removed.")
        raise typer.Exit(1)
    run_to_end(_remove(name))
    if json_:
        print_json({"removed": name})
    else:
        say(f"Removed {name}.")


async def _remove(name: str) -> None:
    async with opened() as system:
        await system.accounts.remove(name)


@account.command()
def adopt(name: Name, file: File, json_: AsJson = False) -> None:
    """Mark orders as being in the shop already, so that they are never imported again."""
    refs = read_adopted(file)
    adopted = run_to_end(_adopt(name, refs))
    if json_:
        print_json({"adopted": adopted.adopted, "already_ours": adopted.already_ours})
        return
    say(f"{adopted.adopted} orders are marked as handled.")
    if adopted.already_ours:
        shown = ", ".join(adopted.already_ours[:20])
        say(f"{len(adopted.already_ours)} stay as they are, marketcron has dealt with them itself: {shown}")


async def _adopt(name: str, refs: dict[str, str | None]) -> Any:
    async with opened() as system:
        return await system.accounts.adopt(name, refs)


async def _records(name: str | None = None) -> list[dict[str, Any]]:
    async with opened() as system:
        rows = [await system.accounts.named(name)] if name else await system.store.read(accounts.accounts)
        shops = {shop.id: shop.name for shop in await system.store.read(accounts.shops)}
        return [_record(system, row, shop=shops[row.shop_id]) for row in rows]


def _record(system: System, row: StoredAccount, *, shop: str) -> dict[str, Any]:
    return {
        "account": row.name,
        "platform": row.platform,
        "shop": shop,
        "created_at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "tested": row.seller_key is not None,
        "connection": system.accounts.shown_config(row),
        "settings": read_settings(row.settings).model_dump(mode="json"),
    }


def _show(record: dict[str, Any], *, json_: bool) -> None:
    if json_:
        print_json(record)
        return
    facts = {name: record[name] for name in ("account", "platform", "shop", "created_at")}
    facts["tested"] = "yes" if record["tested"] else "no"
    rows = list({**facts, **record["connection"], **record["settings"]}.items())
    print_table(("FIELD", "VALUE"), rows, nothing="")


for command in (map_sku, unmap_sku, map_states):
    account.command()(command)
