"""The service as a process of its own behind a real socket: started, called, killed, started again."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from app.system import System, open_system
from tests.support import processes
from tests.support.aio import run
from tests.support.caller import Service
from tests.support.kept_engines import KeptEngines
from tests.support.marketplace import Json
from tests.support.waiting import eventually

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
START_WITHIN_S = 30.0
CALL_WITHIN_S = 60.0
TAIL_LINES = 40
_ADDRESS = re.compile(r"listens on (http://\S+)")


@dataclass(kw_only=True)
class ServiceProcess(Service):
    """One server process."""

    command: Sequence[str] = ("-m", "app", "serve", "--port", "0")
    url: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        return self.folder / f"{self.name}.log"

    def spawn(self) -> "ServiceProcess":
        """Start the process without waiting for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.log_file, "ab") as log:
            self._log_begins_at = log.tell()
            self.process = processes.start(
                *self.command,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def start(self) -> Self:
        """Start the process and return once it takes calls."""
        self.spawn()
        self.url = eventually(f"{self.name} listens", self._address, within_s=START_WITHIN_S)
        self.http.close()
        self.http = httpx.Client(base_url=self.url, trust_env=False)
        return self

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=20)

    def terminate(self) -> None:
        """Ask the process to stop; `wait` tells whether it did."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, *, within_s: float = 20.0) -> int:
        """Return the exit code of the process."""
        assert self.process is not None
        return self.process.wait(timeout=within_s)

    def close(self) -> None:
        if self.process is not None:
            processes.end(self.process)
        self.http.close()

    def _address(self) -> str | None:
        assert self.process is not None
        with open(self.log_file, "rb") as log:
            log.seek(self._log_begins_at)
            said = log.read().decode(errors="replace")
        found = _ADDRESS.search(said)
        if found is None and self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode} instead of starting:\n{said}")
        return found[1] if found else None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_tail(self) -> str:
        return "\n".join(self.log().splitlines()[-TAIL_LINES:])

    def events(self) -> list[Json]:
        return events(self.log())

    def tool(self, work: Callable[[System], Coroutine[Any, Any, T]]) -> T:
        """Do something in this process, beside the server or before it starts."""

        async def opened() -> T:
            async with open_system(self.settings, role="tool", engines=KeptEngines) as system:
                return await work(system)

        return run(opened())

    def cli(self, *words: str) -> str:
        """Call a command as a process of its own, beside the server or before it starts; return what it printed."""
        called = subprocess.run(
            [sys.executable, "-m", "app", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CALL_WITHIN_S,
        )
        assert called.returncode == 0, called.stderr
        return called.stdout


def events(log: str) -> list[Json]:
    """Return what a JSON log holds, line by line; other lines are left out."""
    found = []
    for line in log.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            found.append(event)
    return found
