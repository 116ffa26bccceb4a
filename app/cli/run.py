"""`marketcron run`: a task without a server, for hosts that can only run commands."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from app.cli.output import AsJson, complain, for_a_person, say
from app.cli.process import opened, run_to_end
from app.cli.progress import Progress, shown_progress
from app.cli.urls import base_of
from app.domain.task import ACTIVE, Mode, RunStatus
from app.marketplaces.registry import platform
from app.runs import report as reporting
from app.runs.report import Quota, RunReport
from app.store import run_items
from app.store.runs import Arrived, Run
from app.system import System
from app.tasks import TASKS
from app.tasks.request import TaskRequest, parse_request
from app.tasks.settings import read_settings

EXIT_CODES = {RunStatus.FAILED: 1, RunStatus.PARTIAL: 3, RunStatus.PAUSED: 3}
LOOK_S = 1.0
ALL_PROBLEMS = 10_000


def run(
    account: Annotated[str, typer.Argument(help="Name of the account.")],
    task: Annotated[str, typer.Argument(help=f"One of: {', '.join(TASKS)}.")],
    recheck: Annotated[bool, typer.Option("--recheck", help="Catch up on orders shipped by the marketplace.")] = False,
    doublecheck: Annotated[bool, typer.Option("--doublecheck", help="Catch up on regular unshipped orders.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Send every offer, not only what changed.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Look again at orders already handled.")] = False,
    confirm: Annotated[str, typer.Option(help="Send what the held run of this id would have sent, once.")] = "",
    order_id: Annotated[list[str] | None, typer.Option(help="Only this order; may be repeated.")] = None,
    since: Annotated[str, typer.Option(help="Widen the window: ISO 8601, or a span such as 36h or 5d.")] = "",
    channel: Annotated[str, typer.Option(help="Only MFN (you ship) or AFN (the marketplace ships).")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would happen.")] = False,
    detail: Annotated[bool, typer.Option("--detail", help="Every order and every problem.")] = False,
    json_: AsJson = False,
) -> None:
    """Run a task here and now, wait for its end, print its report.

    Exit codes: 0 done, 1 failed, 2 usage, 3 partial or paused.
    """
    flags = {Mode.RECHECK: recheck, Mode.DOUBLECHECK: doublecheck, Mode.FULL: full, Mode.FORCE: force}
    task_request = TaskRequest(
        modes=frozenset(mode for mode, wanted in flags.items() if wanted),
        order_ids=tuple(order_id or ()),
        since=since,
        channel=channel,
        confirm=confirm,
        dry_run=dry_run,
    )
    report = run_to_end(_run(account, task, task_request, detail=detail))
    if json_:
        say(reporting.to_json(report, indent=2 if for_a_person() else None).decode())
    else:
        print_report(report)
    raise typer.Exit(EXIT_CODES.get(report.status, 0))


async def _run(name: str, task_name: str, task_request: TaskRequest, *, detail: bool) -> RunReport:
    async with opened(role="run") as system:
        account = await system.accounts.named(name)
        task = platform(account.platform).task(task_name)
        run_request = parse_request(task, task_request, now=system.clock.now(), spell=_option)
        arrived = await system.service.trigger(account, run_request)
        with shown_progress(f"{run_request.task} of {name}", counts=TASKS[run_request.task].counts) as progress:
            ended = await _ended(system, arrived, progress)
        return await system.reports.of(
            ended,
            account,
            reader=read_settings(account.settings).reader(),
            base_url=base_of(system),
            joined=arrived.arrival == "joined",
            problems=ALL_PROBLEMS if detail else reporting.FIRST_PROBLEMS,
            items=await system.reports.all_items(ended.id) if detail else None,
        )


async def _ended(system: System, arrived: Arrived, progress: Progress) -> Run:
    """Return the run once it has ended, here or wherever it is executed."""
    run = arrived.run
    if arrived.arrival == "joined":
        progress.note("An equal run is under way already; waiting for it.")
    try:
        while run.status in ACTIVE:
            # It may stand behind another run of this task, or belong to a process that died.
            system.executor.submit(run.id)
            run = await system.service.wait(run.id, seconds=LOOK_S)
            progress.show(run.status, await system.store.read(run_items.outcome_counts, run.id))
    except asyncio.CancelledError:
        complain("Stopped. What is done is kept; the same command, or a running server, goes on with the rest.")
        raise
    return run


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def print_report(report: RunReport) -> None:
    """Print a report for a person."""
    for line in report_lines(report):
        say(line)


def report_lines(report: RunReport) -> Iterator[str]:
    """Yield what a person is told: what happened, the figures, what needs somebody and why."""
    yield f"{report.status}: {report.message}"
    figures = ", ".join(f"{name} {count}" for name, count in report.counts.items() if count)
    cost = _cost(report.quota)
    if figures or cost:
        yield "  " + "; ".join(_filled((figures, cost)))
    for problem in report.problems:
        order = f"order {problem.order_id}: " if problem.order_id else ""
        yield f"  {problem.code} {order}{problem.message} {problem.fix}"
    left_out = report.problems_total - len(report.problems)
    if left_out > 0:
        yield f"  and {left_out} more problems; --detail shows all"
    for item in report.items or ():
        yield "  " + "\t".join(_filled((item.order_id or item.sku, item.outcome, item.code, item.change)))
    if report.resume_at is not None:
        yield f"  A running server goes on by itself at {report.resume_at:%Y-%m-%d %H:%M} UTC; so does this command."


def _cost(quota: Quota) -> str:
    """Return what the run asked of marketplace and shop, and what that made it wait for."""
    parts = {
        "{} calls" if quota.calls > 1 else "{} call": quota.calls,
        "{} repeated": quota.retries,
        "{} answered with slow down": quota.throttled,
        "{} s waited for the quota": quota.waited_s,
    }
    return ", ".join(words.format(number) for words, number in parts.items() if number)


def _filled(cells: Sequence[str | None]) -> list[str]:
    return [cell for cell in cells if cell]
