"""`marketcron status`: what the management API says at /api/status."""

from math import floor
from typing import Any

from app.cli.output import AsJson, for_a_person, print_json, say
from app.cli.process import opened, run_to_end
from app.cli.table import print_table

COLUMNS = ("ACCOUNT", "TASK", "LAST RUN", "STATUS", "LAST SUCCESS", "LATE", "IMPORTED", "NOT IMPORTED", "WAITING")


def status(json_: AsJson = False) -> None:
    """Show for every account and task what ran last, and what stands where."""
    found = run_to_end(_status())
    if json_:
        print_json(found)
        return
    rows = [
        (
            account["account"],
            task["task"],
            task["last_run_at"] or "never",
            task["last_status"],
            task["last_success_at"] or "never",
            "late" if task["late"] else "",
            account["imported"],
            account["not_imported"],
            account["waiting"],
        )
        for account in found
        for task in account["tasks"]
    ]
    print_table(COLUMNS, rows, nothing="There is no account yet. Add one: marketcron account add NAME --platform …")
    if for_a_person():
        for account in found:
            _show_quota(account)


def _show_quota(account: dict[str, Any]) -> None:
    """Say below the table what a scarce quota was used for, and what to change."""
    quota = account["quota"]
    if quota is None:
        return
    used = f"{quota['calls_24h']} of {floor(quota['allowed_24h'])} {quota['operation']} calls in 24 hours"
    say(f"{account['account']}: {account['orders_per_day']:g} orders a day, {used} ({quota['share'] * 100:.0f} %)")
    for sentence in account["advice"]:
        say(f"    {sentence}")


async def _status() -> list[dict[str, Any]]:
    async with opened() as system:
        return [account.model_dump(mode="json") for account in await system.overview.accounts()]
