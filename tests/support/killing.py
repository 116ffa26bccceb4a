"""kill -9 in the middle of a run: the moment is counted in commits, so that it lies somewhere in the work itself."""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import exp, log
from pathlib import Path

from app.domain.task import ACTIVE, RunStatus
from tests.support.service_process import ServiceProcess

# A run over a few dozen orders commits about so often.
MOST_COMMITS = 150
MOST_TRIES = 12
LONGEST_JITTER_S = 0.03
POLL_S = 0.001


def killed_in_the_middle(service: ServiceProcess, task: str, *, draw: random.Random) -> None:
    """Hit a task and end the server by SIGKILL while that run is under way, then start it again.

    A run that was over before its moment had come is hit again, with an earlier moment.
    """
    most = MOST_COMMITS
    for attempt in range(1, MOST_TRIES + 1):
        # As many early moments as late ones, whatever the length of the run.
        moment = round(exp(draw.uniform(0, log(most))))
        run_id = service.hit(task, wait=0).json()["run_id"]
        if _reached(service, run_id, commits=moment):
            time.sleep(draw.uniform(0, LONGEST_JITTER_S / attempt))
            service.kill()
            with _look(service) as look:
                hit = _status(look, run_id) == RunStatus.RUNNING
            service.start()
            if hit:
                return
        most = max(2, moment)
    raise AssertionError(f"{task} was never killed in the middle of a run")


def _reached(service: ServiceProcess, run_id: str, *, commits: int) -> bool:
    """Wait until somebody committed so often while the run was at work; return False when it is over first."""
    with _look(service) as look:
        seen, version = 0, _version(look)
        while seen < commits:
            status, before, version = _status(look, run_id), version, _version(look)
            if status not in ACTIVE:
                return False
            seen += status == RunStatus.RUNNING and version != before
            time.sleep(POLL_S)
    return True


@contextmanager
def _look(service: ServiceProcess) -> Iterator[sqlite3.Connection]:
    path = Path(service.database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10, isolation_level=None)) as connection:
        yield connection


def _status(look: sqlite3.Connection, run_id: str) -> str:
    return str(look.execute("SELECT status FROM runs WHERE id = ?", (run_id,)).fetchone()[0])


def _version(look: sqlite3.Connection) -> int:
    """Return a number that is another one whenever somebody else committed."""
    return int(look.execute("PRAGMA data_version").fetchone()[0])
