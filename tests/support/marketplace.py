"""The sandbox and its control API in Python: in this process, behind a socket of it, or as a process of its own."""

import os
import socket
import subprocess
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from app.clock import ScaledClock
from app.sandbox import create_sandbox, server_config
from tests.support import processes
from tests.support.loop import Loop
from tests.support.waiting import eventually

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
ADDRESS = "https://sandbox.test"
STOPS_WITHIN_S = 10.0


class Marketplace:
    """The control API of a sandbox, and the account of it that a test drives, by the name that the sandbox gives it."""

    # The way to it where it is no socket.
    network: httpx.AsyncBaseTransport | None = None

    def __init__(self, control: httpx.Client, *, account: str, speed: float, base: datetime) -> None:
        self.account = account
        self.speed = speed
        self.base = base
        self.control = control

    def close(self) -> None:
        self.control.close()

    def seed(self, count: int = 1, state: str = "to_ship", *, account: str = "", **options: Any) -> list[str]:
        """Make orders and return their ids; payments succeed within ten minutes unless told otherwise."""
        body = {"count": count, "state": state, "payment": "ok", "payment_delay_s": 600, **options}
        ids: list[str] = self._post(f"/{account or self.account}/orders", body)["ids"]
        return ids

    def move(self, order_id: str, state: str) -> None:
        self.change(order_id, state=state)

    def change(self, order_id: str, **options: Any) -> None:
        """Let the operator change an order in his back office."""
        self._post(f"/{self.account}/orders/{order_id}", options)

    def put_offer(self, sku: str, **options: Any) -> None:
        """Let somebody else change an offer."""
        self._post(f"/{self.account}/offers", {"sku": sku, **options})

    def fault(self, kind: str, *, rate: float = 1.0, **options: Any) -> None:
        self._post(f"/{self.account}/faults", {"kind": kind, "rate": rate, **options})

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.control.delete(f"/{self.account}/faults").raise_for_status()

    def switch(self, **switches: Any) -> None:
        self._post(f"/{self.account}/switches", switches)

    def advance(self, seconds: float) -> None:
        self._post("/clock", {"advance_s": seconds})

    def state(self, account: str = "") -> Json:
        return self._get(f"/{account or self.account}/state")

    def orders(self) -> dict[str, Json]:
        """Return every order as it stands, by id."""
        return {order["id"]: order for order in self.state()["orders"]}

    def catalogue(self) -> list[Json]:
        rows: list[Json] = self.control.get("/catalog").raise_for_status().json()
        return rows

    @property
    def platform(self) -> str:
        name: str = self._get("/credentials")[self.account]["platform"]
        return name

    def connection(self, account: str = "") -> Mapping[str, str]:
        """Return the fields that `account add` needs to reach an account."""
        credentials = self._get("/credentials")[account or self.account]
        return {**credentials["settings"], **credentials["secrets"]}

    def _get(self, path: str) -> Json:
        answer: Json = self.control.get(path).raise_for_status().json()
        return answer

    def _post(self, path: str, body: Json) -> Json:
        response = self.control.post(path, json=body)
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer


class SandboxInProcess(Marketplace):
    """The sandbox in this process, called without a socket."""

    def __init__(self, loop: Loop, *, speed: float, base: datetime, account: str = "mirakl") -> None:
        app = create_sandbox(clock=ScaledClock(speed=speed, base=base))
        self.network = httpx.ASGITransport(app=app)
        control = httpx.Client(transport=loop.way_to(app), base_url=f"{ADDRESS}/_control", timeout=30)
        super().__init__(control, account=account, speed=speed, base=base)


class SandboxServer(Marketplace):
    """The sandbox behind a real socket, in a thread."""

    def __init__(self, *, speed: float = 1.0, base: datetime | None = None, account: str = "mirakl") -> None:
        base = base or datetime.now(UTC)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = server_config(speed=speed, clock=ScaledClock(speed=speed, base=base), log_level="critical")
        config.timeout_graceful_shutdown = 1
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        eventually("the sandbox serves", lambda: self._server.started)
        super().__init__(_control(self.url), account=account, speed=speed, base=base)

    def close(self) -> None:
        super().close()
        self._server.should_exit = True
        self._thread.join(timeout=STOPS_WITHIN_S)
        self._socket.close()


class SandboxProcess(Marketplace):
    """The same, as `marketcron sandbox` serves it."""

    def __init__(self, *, speed: float = 1.0, base: datetime | None = None, account: str = "mirakl") -> None:
        base = base or datetime.now(UTC)
        clock = {"CLOCK_SPEED": str(speed), "CLOCK_BASE": base.isoformat()}
        self._process = processes.start(
            *("-m", "app", "sandbox", "--port", "0"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **clock},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert self._process.stdout is not None
            self.url = self._process.stdout.readline().split()[4]
            super().__init__(_control(self.url), account=account, speed=speed, base=base)
            eventually("the sandbox serves", self._serves)
        except BaseException:
            processes.end(self._process)
            raise

    def close(self) -> None:
        super().close()
        processes.end(self._process)

    def _serves(self) -> bool:
        try:
            return self.control.get("/credentials").is_success
        except httpx.TransportError:
            return False


def _control(url: str) -> httpx.Client:
    return httpx.Client(base_url=f"{url}/_control", timeout=30, trust_env=False)
