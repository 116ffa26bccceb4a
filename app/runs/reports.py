"""Reports of runs, assembled from what the database holds of them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.reasons import shown_as_problems
from app.domain.task import ACTIVE, RunStatus
from app.domain.wording import Reader
from app.keys import Keys, same
from app.runs import report
from app.runs.report import RunReport
from app.runs.service import RunService
from app.store import run_items, runs
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.store.run_items import ItemNote
from app.store.runs import Run

ITEMS_PER_PAGE = 500


@dataclass(kw_only=True)
class Reports:
    """Makes reports and the signed links that open them."""

    store: Store
    service: RunService
    keys: Keys
    link_days: float

    def link(self, base_url: str, run_id: str) -> str:
        """Return the address that opens this run's report without a token until it expires (real time)."""
        expires = int(time.time() + self.link_days * 86_400)
        return f"{base_url}/runs/{run_id}?expires={expires}&sig={self.keys.link_signature(run_id, expires=expires)}"

    def opens(self, run_id: str, *, expires: int, signature: str) -> bool:
        """Whether a link's signature opens this run now."""
        right = self.keys.link_signature(run_id, expires=expires)
        return same(signature, [right]) and time.time() < expires

    async def of(
        self,
        run: Run,
        account: StoredAccount,
        *,
        reader: Reader,
        base_url: str,
        joined: bool = False,
        problems: int = report.FIRST_PROBLEMS,
        items: list[ItemNote] | None = None,
    ) -> RunReport:
        """Return a run's report as it stands now; a skipped run holds the last one of its kind."""
        outcomes, found = await self._said(run, problems=problems)
        last = await self._last(run, account, reader=reader, base_url=base_url)
        useful_from = self.service.next_useful_at(run)
        if run.status == RunStatus.SKIPPED and run.last_run_id is not None:
            before = await self.store.read(runs.run_by_id, run.last_run_id)
            useful_from = self.service.next_useful_at(before) if before else useful_from
        return report.build(
            run,
            account=account.name,
            platform=account.platform,
            outcomes=outcomes,
            problems=found,
            problems_total=max(len(found), int(outcomes.get("problems", 0))),
            reader=reader,
            link=self.link(base_url, run.id),
            joined=joined,
            next_useful_at=useful_from,
            last=last,
            items=items,
        )

    async def _said(self, run: Run, *, problems: int) -> tuple[Mapping[str, int], Sequence[ItemNote]]:
        """Return a run's counts and the first of its problems."""
        if run.status == RunStatus.QUEUED and run.attempt == 0:
            return {}, []
        codes = shown_as_problems()
        if run.status in ACTIVE or not run.counts:
            return await self.store.read(run_items.said_so_far, run.id, problem_codes=codes, limit=problems)
        return run.counts, await self.store.read(run_items.problem_items, run.id, codes=codes, limit=problems)

    async def items(self, run_id: str, *, after: str = "", limit: int = ITEMS_PER_PAGE) -> list[ItemNote]:
        """Return a page of what the run said about each order."""
        return await self.store.read(run_items.items, run_id, after=after, limit=limit)

    async def all_items(self, run_id: str) -> list[ItemNote]:
        """Return everything the run said about each order."""
        found: list[ItemNote] = []
        while page := await self.items(run_id, after=found[-1].subject if found else ""):
            found += page
        return found

    async def _last(self, run: Run, account: StoredAccount, *, reader: Reader, base_url: str) -> RunReport | None:
        if run.last_run_id is None:
            return None
        before = await self.store.read(runs.run_by_id, run.last_run_id)
        if before is None or before.last_run_id is not None:
            return None
        return await self.of(before, account, reader=reader, base_url=base_url, problems=1)
