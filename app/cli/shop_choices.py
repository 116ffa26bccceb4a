"""`marketcron shop states` and `carriers`: what settings of an account may name; `account map-states` names it."""

from collections.abc import Mapping
from typing import Annotated

import typer

from app.cli.output import AsJson, complain, print_json, reader_of_terminal, say
from app.cli.process import opened, run_to_end
from app.cli.shop_named import Name
from app.cli.table import print_table
from app.cli.values import somebody_answers
from app.domain.wording import Reader, in_words, sentence
from app.errors import BadInput
from app.shops import capabilities
from app.shops.port import ShopCarrier, ShopState, ShopStates
from app.tasks.settings import read_settings

AccountName = Annotated[str, typer.Argument(help="Name of the account.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]


def states(name: Name, json_: AsJson = False) -> None:
    """List the states of a shop: what they do, what they mean to marketcron, which are suggested and why."""
    found = run_to_end(_states(name))
    if json_:
        print_json(_record(found, reader_of_terminal()))
        return
    reader = reader_of_terminal()
    rows = [(each.id, each.name, ", ".join(each.flags), ", ".join(_means(each, reader))) for each in found.states]
    print_table(("ID", "NAME", "TICKED", "AN ORDER IN IT"), rows, nothing="The shop has no state.")
    say("Suggested:")
    _print_suggestion(found)


async def _states(name: str) -> ShopStates:
    async with opened() as system:
        return await capabilities.states_of(await system.shops.connect(name), name=name)


def carriers(name: Name, json_: AsJson = False) -> None:
    """List the carriers of a shop by the numbers that the setting carriers takes."""
    found = run_to_end(_carriers(name))
    names = [in_words(each.name, reader_of_terminal()) for each in found]
    if json_:
        shown = zip(found, names, strict=True)
        print_json([{"id": each.id, "name": name, "free": each.free, "active": each.active} for each, name in shown])
        return
    rows = [(each.id, name, _yes(each.free), _yes(each.active)) for each, name in zip(found, names, strict=True)]
    print_table(("NUMBER", "NAME", "FREE", "ACTIVE"), rows, nothing="The shop has no carrier.")


async def _carriers(name: str) -> list[ShopCarrier]:
    async with opened() as system:
        return list(await capabilities.carriers_of(await system.shops.connect(name), name=name))


def map_states(name: AccountName, yes: Yes = False, json_: AsJson = False) -> None:
    """Show which states of the shop suit an account and, after a yes, store them in its settings."""
    shop, found, present = run_to_end(_suggested(name))
    if not json_:
        _print_suggestion(found, present=present)
    if not yes:
        if not somebody_answers():
            raise BadInput(f"Nobody is there to agree. To store them: marketcron account map-states {name} --yes.")
        if not typer.confirm(f"Store these states of the shop {shop} in {name}?", err=True):
            complain("Nothing was stored.")
            raise typer.Exit(1)
    chosen = {setting: _listed(value) for setting, value in found.suggested.items()}
    run_to_end(_store(name, chosen))
    if json_:
        print_json({"account": name, "shop": shop, **chosen})
    else:
        say(f"{name}: {', '.join(chosen)} set. Test them: marketcron account check {name}")


async def _suggested(account: str) -> tuple[str, ShopStates, Mapping[str, object]]:
    async with opened() as system:
        row, shop = await system.accounts.shop_of(account)
        found = await capabilities.states_of(shop, name=row.name)
        settings = read_settings((await system.accounts.named(account)).settings).model_dump(mode="json")
        return row.name, found, {name: settings[name] for name in found.suggested}


async def _store(account: str, values: Mapping[str, object]) -> None:
    async with opened() as system:
        await system.accounts.change(account, values)


def _print_suggestion(found: ShopStates, *, present: Mapping[str, object] | None = None) -> None:
    names = {each.id: each.name for each in found.states}
    reader = reader_of_terminal()
    rows = []
    for setting, value in found.suggested.items():
        shown = ", ".join(f"{each} ({names[each]})" if each in names else each for each in _ids(value))
        now = () if present is None else (", ".join(_ids(present[setting])) or "as suggested",)
        rows.append((setting, shown or "none", *now, sentence(found.reasons[setting], reader)))
    columns = ("SETTING", "STATE", "WHY") if present is None else ("SETTING", "STATE", "NOW", "WHY")
    print_table(columns, rows, nothing="")


def _record(found: ShopStates, reader: Reader) -> dict[str, object]:
    return {
        "states": [
            {"id": each.id, "name": each.name, "flags": list(each.flags), "means": _means(each, reader)}
            for each in found.states
        ],
        "suggestion": {
            setting: {"value": _listed(value), "reason": sentence(found.reasons[setting], reader)}
            for setting, value in found.suggested.items()
        },
    }


def _means(state: ShopState, reader: Reader) -> list[str]:
    return [sentence(each, reader) for each in state.means]


def _ids(value: object) -> list[str]:
    many = value if isinstance(value, list | tuple) else [value]
    return [str(each) for each in many if each]


def _listed(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
