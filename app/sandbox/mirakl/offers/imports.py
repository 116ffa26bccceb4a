"""The life of a file: WAITING ─► RUNNING ─► COMPLETE or FAILED, computed when it is read.

The changes of a file happen at the moment of its completion, so that the last write wins against orders in between.
"""

import asyncio
import hashlib
import random
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from app.sandbox.mirakl.offers.parsed_file import ParsedFile, Parser, Rules, ShopOffers
from app.sandbox.mirakl.offers.sheet import FileBroken, LineBroken, LineError, error_report
from app.sandbox.mirakl.switches import Switches
from app.sandbox.schedule import Schedule

Kind = Literal["STO01", "PRI01", "OF01"]
Status = Literal["WAITING", "RUNNING", "COMPLETE", "FAILED"]
# A larger file is read in a thread; a smaller one is read before a thread would begin.
LARGE_FILE_BYTES = 64_000
# What tests may look at again, forgotten by the operator or not.
REMEMBERED = 1_000
REMEMBERED_FILES = 50
TECHNICAL_FAILURE = "The import failed for a technical reason"


@dataclass
class Import:
    """One file that was sent, and what became of it."""

    import_id: str
    number: int
    kind: Kind
    content: bytes
    digest: str
    reader: Parser
    rules: Rules
    running_at: datetime
    done_at: datetime
    size: int
    failure: str | None = None
    forgotten: bool = False
    done: bool = False
    columns: Sequence[str] = ()
    errors: list[LineError] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    lines_in_success: int = 0
    _parsed: ParsedFile | None = None
    # A thread may be reading already when the file is due.
    _one_reader: threading.Lock = field(default_factory=threading.Lock)

    @property
    def created(self) -> datetime:
        return self.rules.now

    @property
    def mode(self) -> Literal["NORMAL", "REPLACE"]:
        return "REPLACE" if self.rules.replaces else "NORMAL"

    @property
    def offers_in_error(self) -> int:
        if "offer-sku" not in self.columns:
            return 0
        position = self.columns.index("offer-sku")
        return len({error.row.cells[position] for error in self.errors if position < len(error.row.cells)})

    def status(self, now: datetime) -> Status:
        if now < self.running_at:
            return "WAITING"
        if not self.done:
            return "RUNNING"
        return "FAILED" if self.failure else "COMPLETE"

    def report(self) -> str:
        return error_report(self.columns, self.errors)

    def read(self) -> ParsedFile:
        """Read the file, once; a broken one is an empty reading and has its failure."""
        with self._one_reader:
            if self._parsed is None:
                self._parsed = self._parse()
            return self._parsed

    def finish(self, seller: ShopOffers) -> None:
        """Let the changes happen, and count what came of them."""
        parsed, self.done = self.read(), True
        # Only the counts and the errors are asked for from now on.
        self._parsed = ParsedFile(columns=())
        if self.failure:
            return
        self.columns, self.errors = parsed.columns, parsed.errors
        for change in parsed.changes:
            try:
                self.effects[change.apply(seller)] += 1
                self.lines_in_success += len(change.rows)
            except LineBroken as reason:
                self.errors.extend(LineError(row, str(reason)) for row in change.rows)
        if parsed.keeps is not None:
            self._leave_only(seller, parsed.keeps)
        self.errors.sort(key=lambda error: error.row.line)

    def _parse(self) -> ParsedFile:
        try:
            return self.reader(self.content, self.rules)
        except FileBroken as reason:
            self.failure = self.failure or str(reason)
            return ParsedFile(columns=())

    def _leave_only(self, seller: ShopOffers, keeps: frozenset[str]) -> None:
        for sku in seller.offers.keys() - keeps:
            del seller.offers[sku]
            self.effects["deleted"] += 1


class Imports:
    """The files of one shop: those on their way, and those that the operator still knows."""

    def __init__(self, seller: ShopOffers, schedule: Schedule, *, draw: random.Random) -> None:
        self._seller = seller
        self._schedule = schedule
        self._draw = draw
        self._count = 0
        # Those that are not read yet.
        self._large: list[Import] = []
        self.taken: deque[Import] = deque(maxlen=REMEMBERED)

    def take(self, kind: Kind, content: bytes, *, reader: Parser, rules: Rules) -> Import:
        """Put the file in the queue."""
        switches = rules.switches
        self._count += 1
        running_at = rules.now + timedelta(seconds=switches.import_wait_s)
        taken = Import(
            # Stock and prices have ids that are text, whole offers have numbers.
            import_id=str(2000 + self._count) if kind == "OF01" else self._uuid(),
            number=self._count,
            kind=kind,
            content=content,
            digest=_digest(content),
            reader=reader,
            rules=rules,
            running_at=running_at,
            done_at=running_at + timedelta(seconds=switches.import_run_s),
            size=len(content),
            failure=TECHNICAL_FAILURE if switches.imports_fail else None,
            forgotten=switches.forget_imports,
        )
        self._schedule.plan(lambda _: taken.finish(self._seller), at=taken.done_at)
        self.taken.append(taken)
        if taken.size > LARGE_FILE_BYTES:
            self._large.append(taken)
        if len(self.taken) > REMEMBERED_FILES and self.taken[-REMEMBERED_FILES - 1].done:
            self.taken[-REMEMBERED_FILES - 1].content = b""
        return taken

    def same(self, kind: Kind, content: bytes, *, rules: Rules) -> Import | None:
        """Return the import of a byte-identical file that was sent a while ago, if there is one."""
        since = rules.now - timedelta(seconds=rules.switches.same_file_window_s)
        digest = _digest(content)
        for earlier in reversed(self.taken):
            same = (earlier.kind, earlier.digest, earlier.rules.replaces) == (kind, digest, rules.replaces)
            if same and earlier.created >= since and not earlier.forgotten:
                return earlier
        return None

    def known(self, kind: Kind, *, switches: Switches, now: datetime) -> list[Import]:
        """Return the imports of that kind that the operator still knows, oldest first."""
        oldest = now - timedelta(days=switches.import_history_days)
        after = self._count - switches.import_history_files
        return [
            each
            for each in self.taken
            if each.kind == kind and not each.forgotten and each.created >= oldest and each.number > after
        ]

    def sent(self, import_id: str) -> Import | None:
        """Return the import of that id, forgotten or not."""
        return next((each for each in self.taken if each.import_id == import_id), None)

    def forget(self) -> None:
        """Forget all there is; what the files ask for happens all the same."""
        for each in self.taken:
            each.forgotten = True

    async def read_ahead(self) -> None:
        """Read the large files that came in, beside the event loop."""
        while self._large:
            await asyncio.to_thread(self._large.pop(0).read)

    def _uuid(self) -> str:
        return str(UUID(int=self._draw.getrandbits(128), version=4))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
