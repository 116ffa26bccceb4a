"""`marketcron urls` and `marketcron crontab`: the lines to paste into a cron service, or into a crontab."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from app.cli.output import AsJson, for_a_person, print_json, say
from app.cli.process import opened, run_to_end
from app.domain.task import CATCH_UPS, Mode, Task
from app.errors import BadInput
from app.marketplaces.registry import platform
from app.store import accounts
from app.store.accounts import StoredAccount
from app.system import System
from app.tasks import TASKS

LOCAL_BASE = "http://127.0.0.1:8000"
CATCH_UP_RECOMMENDED = "once a day"
# Silent when all went well, so that cron mails failures alone. It waits longer than an answer takes; the run goes on
# when the caller hangs up.
CURL = "curl -fsS --max-time 60 -o /dev/null"


@dataclass(frozen=True, slots=True, kw_only=True)
class CronUrl:
    """One URL, and how often to hit it."""

    account: str
    task: str
    url: str
    recommended: str
    catch_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CrontabLine:
    """One line of a crontab, whole and in its parts; `schedule` is in UTC, `command` for a shell."""

    account: str
    task: str
    schedule: str
    command: str
    line: str


Named = Annotated[str | None, typer.Option("--account", help="Only this account.")]
BaseUrl = Annotated[
    str | None, typer.Option(help=f"Public address of the service; default: BASE_URL, or {LOCAL_BASE}.")
]


def urls(account: Named = None, base_url: BaseUrl = None, json_: AsJson = False) -> None:
    """Print the cron URLs, ready to paste."""
    found = run_to_end(_urls(account, base_url=base_url))
    if json_:
        print_json([asdict(each) for each in found])
    else:
        print_urls(found)


def crontab(account: Named = None, base_url: BaseUrl = None, json_: AsJson = False) -> None:
    """Print the lines of a crontab: every URL at its recommended times, in UTC."""
    found = run_to_end(_crontab(account, base_url=base_url))
    if json_:
        print_json([asdict(each) for each in found])
    else:
        for each in found:
            say(each.line)


async def _urls(name: str | None, *, base_url: str | None) -> list[CronUrl]:
    async with opened() as system:
        base = base_of(system, base_url)
        return [url for row in await _rows(system, name) for url in urls_of(system, row, base_url=base)]


async def _crontab(name: str | None, *, base_url: str | None) -> list[CrontabLine]:
    async with opened() as system:
        base = base_of(system, base_url)
        return [line for row in await _rows(system, name) for line in _lines_of(system, row, base_url=base)]


async def _rows(system: System, name: str | None) -> list[StoredAccount]:
    return [await system.accounts.named(name)] if name else await system.store.read(accounts.accounts)


def _lines_of(system: System, row: StoredAccount, *, base_url: str) -> Iterator[CrontabLine]:
    token = system.accounts.cron_token(row)
    for call in _calls_of(row, base_url=base_url, token=token):
        schedule, command = TASKS[call.task].plan[call.mode], f"{CURL} '{call.url}'"
        # A per cent sign would end the line.
        line = f"{schedule}  {command}".replace("%", "\\%")
        yield CrontabLine(account=row.name, task=call.task, schedule=schedule, command=command, line=line)


def base_of(system: System, given: str | None = None) -> str:
    """Return the public address of the service without a slash at its end; raises BadInput."""
    base = (given or system.settings.base_url or LOCAL_BASE).rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise BadInput(f"'{base[:80]}' is no address of a service. Write it as https://cron.shop.example.")
    return base


def urls_of(system: System, row: StoredAccount, *, base_url: str) -> list[CronUrl]:
    """Return an account's URLs: each task, then its catch-ups."""
    return list(_urls_of(row, base_url=base_url, token=system.accounts.cron_token(row)))


def _urls_of(row: StoredAccount, *, base_url: str, token: str) -> Iterator[CronUrl]:
    offered = platform(row.platform).tasks
    for call in _calls_of(row, base_url=base_url, token=token):
        usual = TASKS[call.task].recommended_for(row.settings, offered=offered)
        yield CronUrl(
            account=row.name,
            task=call.task,
            url=call.url,
            recommended=CATCH_UP_RECOMMENDED if call.mode else usual,
            catch_up=call.mode is not None,
        )


@dataclass(frozen=True, slots=True)
class _Call:
    task: Task
    mode: Mode | None
    url: str


def _calls_of(row: StoredAccount, *, base_url: str, token: str) -> Iterator[_Call]:
    """Yield what to call for an account: each task that its platform offers, then its catch-ups."""
    for task, spec in TASKS.items():
        if task in platform(row.platform).tasks:
            url = f"{base_url}/cron/{row.name}/{task}?token={token}"
            yield _Call(task, None, url)
            for mode in sorted(spec.modes & CATCH_UPS, reverse=True):
                yield _Call(task, mode, f"{url}&{mode}=1")


def print_urls(found: list[CronUrl]) -> None:
    """Print each URL on a line of its own, whole, so that it can be copied."""
    if not for_a_person():
        for each in found:
            say("\t".join((each.account, each.task, each.recommended, each.url)))
        return
    if not found:
        say("There is no account yet. Add one: marketcron account add NAME --platform PLATFORM")
    for each in found:
        say(f"{each.account} {each.task}, {each.recommended}:")
        say(f"  {each.url}")
