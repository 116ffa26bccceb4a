"""`marketcron status`: what the management API says at /api/status."""

from typing import Any

from app.cli.opening import opened, run_to_end
from app.cli.output import AsJson, print_json, print_table

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


async def _status() -> list[dict[str, Any]]:
    async with opened() as system:
        return [account.model_dump(mode="json") for account in await system.overview.accounts()]
