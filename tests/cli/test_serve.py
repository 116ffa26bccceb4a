import gc
import json
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette

from app.errors import BadInput
from app.server import StoppingServer, address_of, listen
from tests.cli.shell import Shell


@dataclass
class Served:
    """A service in a process of its own."""

    process: "subprocess.Popen[str]"
    url: str
    greeting: list[str] = field(default_factory=list)

    def stop(self) -> str:
        """Stop it and return what it logged."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=30)[1]


@contextmanager
def served(shell: Shell) -> Iterator[Served]:
    with shell.started("serve", "--port", "0") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        yield Served(process, first.split()[3], [first])


def hit(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def test_the_service_says_where_it_listens_and_says_its_new_admin_token_once(shell: Shell) -> None:
    with served(shell) as service:
        assert hit(f"{service.url}/healthz")[0] == 200
        assert service.process.stdout is not None
        second = service.process.stdout.readline()
        service.stop()

        token = (shell.folder / "data" / "admin.token").read_text().strip()
        assert f"{shell.folder.name}" not in second
        assert second.endswith(f"kept in data/admin.token: {token}\n")
        assert service.process.returncode == 0


def test_a_token_never_reaches_the_access_log(shell: Shell) -> None:
    shell.add_account()
    token = shell.call("urls", "--json").json[0]["url"].partition("token=")[2]

    with served(shell) as service:
        hit(f"{service.url}/cron/nobody/orders-import?token={token}&recheck=1")
        logged = service.stop()

    assert token not in logged
    assert "/cron/nobody/orders-import?token=***&recheck=1" in logged


def test_a_second_server_on_the_same_data_is_refused_in_a_sentence(shell: Shell) -> None:
    with served(shell), shell.started("serve", "--port", "0") as second:
        _, err = second.communicate(timeout=30)

    assert second.returncode == 2
    assert "Another marketcron serves data already" in err
    assert "Traceback" not in err


def test_a_port_in_use_is_refused_in_a_sentence(shell: Shell) -> None:
    with listen("127.0.0.1", 0) as taken:
        said = shell.call("serve", "--port", str(taken.getsockname()[1]))

    assert said.code == 2
    assert "Address already in use. Stop the program" in said.err


def test_whoever_waits_for_a_run_gets_an_answer_when_the_service_stops(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_marketplace:
        shell.add_account("mirakl", "--set", "language=en")
        shell.call("account", "set", "mirakl", f"base_url={address_of(silent_marketplace)}")
        path = shell.call("urls", "--json").json[0]["url"].partition(":8000")[2]
        answers: list[tuple[int, Any]] = []

        with served(shell) as service:
            caller = threading.Thread(target=lambda: answers.append(hit(f"{service.url}{path}&wait=55")))
            caller.start()
            # The run has begun when the marketplace is called; its caller waits now.
            call, _ = silent_marketplace.accept()
            service.process.send_signal(signal.SIGTERM)
            caller.join(timeout=10)
            call.close()

    status, report = answers[0]
    assert status == 202
    assert report["status"] == "running"


def test_a_stop_before_the_service_is_up_is_a_stop_as_well() -> None:
    server = StoppingServer(Starlette())

    server.handle_exit(signal.SIGTERM, None)

    assert server.should_exit


def test_the_waiting_are_released_before_the_server_begins_to_stop() -> None:
    app = Starlette()
    seen: list[bool] = []
    server = StoppingServer(app)

    class System:
        def begin_stop(self) -> None:
            seen.append(server.should_exit)

    app.state.system = System()
    server.handle_exit(signal.SIGTERM, None)

    assert seen == [False]
    assert server.should_exit


def test_what_is_there_at_the_start_is_left_out_of_the_garbage_collection() -> None:
    kept: list[int] = []

    def started() -> None:
        kept.append(gc.get_freeze_count())
        server.should_exit = True

    server = StoppingServer(Starlette(), on_start=started)
    try:
        with listen("127.0.0.1", 0) as listener:
            server.run(sockets=[listener])
    finally:
        gc.unfreeze()

    assert kept[0] > 0


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(BadInput, match=r"Can't listen on 203\.0\.113\.9"):
        listen("203.0.113.9", 0)


def test_a_server_for_all_is_reached_by_this_machine() -> None:
    with listen("0.0.0.0", 0) as listener:
        assert address_of(listener).startswith("http://127.0.0.1:")
