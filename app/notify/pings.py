"""Pings to a watchdog such as healthchecks.io, which raises the alarm when a task fails or stays away.

    run begins         URL/start
    done, partial      URL
    failed             URL/fail
    paused             URL/log    kept there, changes nothing: the next run begins by itself, or the watchdog barks

(https://healthchecks.io/docs/http_api/.) They are sent behind the run's back: a slow or dead watchdog costs it nothing.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from app.domain.task import RunStatus
from app.domain.wording import in_english
from app.errors import StoreUnavailable, Unavailable
from app.runs.reports import Reports
from app.store.accounts import StoredAccount
from app.store.runs import Run
from app.tasks.settings import read_settings
from app.transport.redact import short

log = structlog.get_logger()

PING_TIMEOUT_S = 5.0
MOST_TRIES = 2
# What is under way when the process stops gets so long to arrive.
STOP_GRACE_S = 3.0
# Marketplaces and shops share their connections with the watchdog.
AT_ONCE = 10
# Behind a watchdog that hangs, more would only pile up.
MOST_WAITING = 500
LONGEST_TEXT = 1000

_PATHS = {RunStatus.DONE: "", RunStatus.PARTIAL: "", RunStatus.FAILED: "/fail", RunStatus.PAUSED: "/log"}


class Post(Protocol):
    """Sends a text to a URL."""

    async def __call__(self, url: str, *, text: str) -> int:
        """Return the HTTP status of the answer; raises Unavailable when there is none."""
        ...


@dataclass(kw_only=True)
class Pings:
    """Sends the pings that accounts ask for; one URL hears of its runs in their order."""

    post: Post
    reports: Reports
    timeout_s: float = PING_TIMEOUT_S
    stop_grace_s: float = STOP_GRACE_S
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), init=False)
    _waiting: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _last: dict[str, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _silent: set[str] = field(default_factory=set, init=False)

    def began(self, run: Run, account: StoredAccount) -> None:
        """Tell that a run begins; returns at once."""
        self._notify(run, account, "/start")

    def ended(self, run: Run, account: StoredAccount) -> None:
        """Tell how a run ended; returns at once."""
        path = _PATHS.get(RunStatus(run.status))
        if path is not None:
            self._notify(run, account, path)

    async def close(self) -> None:
        """Wait a moment for the pings under way and let go of the others."""
        if self._waiting:
            _, late = await asyncio.wait(self._waiting, timeout=self.stop_grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _notify(self, run: Run, account: StoredAccount, path: str) -> None:
        # A run for chosen orders is somebody's hand, not the plan that the watchdog watches over.
        if run.dry_run or run.request["order_ids"]:
            return
        settings = read_settings(account.settings)
        url = {str(task): each for task, each in settings.ping_urls.items()}.get(run.task)
        if url is None:
            return
        if len(self._waiting) >= MOST_WAITING:
            log.warning("ping left out, too many wait already")
            return
        task = asyncio.create_task(self._deliver(url, path, run, account, after=self._last.get(url)))
        self._waiting.add(task)
        self._last[url] = task
        task.add_done_callback(lambda done: self._forget(url, done))

    async def _deliver(
        self, url: str, path: str, run: Run, account: StoredAccount, *, after: asyncio.Task[None] | None
    ) -> None:
        if after is not None:
            await asyncio.wait([after])
        text = "" if path == "/start" else await self._text(run, account)
        async with self._room:
            why = await self._send(url + path, text)
        if why and url not in self._silent:
            self._silent.add(url)
            log.warning("the watchdog can't be reached; check ping_urls of this account", why=why)
        elif not why and url in self._silent:
            self._silent.discard(url)
            log.info("the watchdog is back")

    async def _send(self, url: str, text: str) -> str:
        """Return why the ping did not arrive, or an empty text; what another try may mend is tried again."""
        why = ""
        for _ in range(MOST_TRIES):
            try:
                async with asyncio.timeout(self.timeout_s):
                    status = await self.post(url, text=text)
            except TimeoutError:
                why = f"no answer within {self.timeout_s:g} s"
            except Unavailable as exc:
                why = in_english(exc.detail)
            else:
                if 200 <= status < 300:
                    return ""
                why = f"it answered {status}"
                if status < 500 and status != 429:
                    return why
        return why

    async def _text(self, run: Run, account: StoredAccount) -> str:
        """Return the sentence of the run's report; without the link, which would open it."""
        try:
            reader = read_settings(account.settings).reader()
            report = await self.reports.of(run, account, reader=reader, base_url="")
        except StoreUnavailable:
            return run.status
        return short(report.message, LONGEST_TEXT)

    def _forget(self, url: str, task: asyncio.Task[None]) -> None:
        self._waiting.discard(task)
        if self._last.get(url) is task:
            del self._last[url]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("ping failed inside", exc_info=error)
