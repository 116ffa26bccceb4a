import gc
import json
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from app.errors import BadInput
from app.server import StoppingServer, address_of, listen
from tests.cli.shell import Said, Shell, an_installation, logs_as_before


@dataclass(frozen=True, kw_only=True)
class Served:
    """What was seen of a service in a process of its own, with an account, that was stopped by Ctrl-C."""

    folder: Path
    token: str
    greeting: Sequence[str]
    health: int
    second: Said
    log: str
    code: int


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Served:
    with pytest.MonkeyPatch.context() as patch, logs_as_before():
        shell = an_installation(tmp_path_factory.mktemp("installation"), sqlite_template, patch)
        with shell.started("serve", "--port", "0") as process:
            assert process.stdout is not None
            greeting = [process.stdout.readline(), process.stdout.readline()]
            url = greeting[0].split()[3]
            shell.add_account()
            token = shell.call("urls", "--json").json[0]["url"].partition("token=")[2]
            health, _ = hit(f"{url}/healthz")
            hit(f"{url}/cron/nobody/orders-import?token={token}&recheck=1")
            second = shell.call("serve", "--port", "0")
            process.send_signal(signal.SIGINT)
            _, log = process.communicate(timeout=30)
    return Served(
        folder=shell.folder,
        token=token,
        greeting=greeting,
        health=health,
        second=second,
        log=log,
        code=process.returncode,
    )


def hit(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def test_the_service_says_where_it_listens_and_says_its_new_admin_token_once(served: Served) -> None:
    token = (served.folder / "data" / "admin.token").read_text().strip()

    assert (served.health, served.code) == (200, 0)
    assert served.folder.name not in served.greeting[1]
    assert served.greeting[1].endswith(f"kept in data/admin.token: {token}\n")


def test_a_token_never_reaches_the_access_log(served: Served) -> None:
    assert served.token not in served.log
    assert "/cron/nobody/orders-import?token=***&recheck=1" in served.log


def test_a_second_server_on_the_same_data_is_refused_in_a_sentence(served: Served) -> None:
    assert served.second.code == 2
    assert "Another marketcron serves data already" in served.second.err
    assert "Traceback" not in served.second.err


def test_a_port_in_use_is_refused_in_a_sentence(shell: Shell) -> None:
    with listen("127.0.0.1", 0) as taken:
        said = shell.call("serve", "--port", str(taken.getsockname()[1]))

    assert said.code == 2
    assert "Address already in use. Stop the program" in said.err


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


def test_answers_on_a_kept_connection_are_sent_at_once() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
