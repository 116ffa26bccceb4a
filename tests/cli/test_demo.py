import re
import signal
from pathlib import Path

import pytest

from app.cli.demo.servers import open_servers
from app.domain.task import Task
from app.marketplaces.registry import PLATFORMS
from tests.cli.shell import Said, Shell
from tests.support.aio import run

LONGEST_S = 180
LAST_LINE = "Ctrl-C ends the demo and removes its data.\n"
CATCH_UPS = ("&recheck=1", "&doublecheck=1")


@pytest.fixture(scope="module", params=["embedded", pytest.param("prestashop", marks=pytest.mark.long)])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """What the demo printed with that shop, and its folder; one ends by itself, the other by Ctrl-C."""
    folder = tmp_path_factory.mktemp("installation")
    once = ["--once"] if request.param == "prestashop" else []
    with Shell(folder).started("demo", *once, "--shop", request.param) as process:
        assert process.stdout is not None
        lines = list(iter(process.stdout.readline, LAST_LINE)) if not once else []
        if not once:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONGEST_S)
        out = "".join(lines) + out
    return Said(process.returncode, out, err), folder


def test_the_demo_shows_every_url_and_ends_well(shown: tuple[Said, Path]) -> None:
    said, _ = shown

    assert (said.code, said.err) == (0, "")
    assert "Every paid order is in the shop, once" in said.out
    for platform in PLATFORMS.values():
        for task in Task:
            assert re.search(rf"GET http://\S+/cron/{platform.name}/{task}\?token=\S+\n", said.out)
        for flag in (*CATCH_UPS, "&dry_run=1"):
            assert re.search(rf"/cron/{platform.name}/orders-import\?\S+{flag}\n", said.out)


def test_what_a_platform_does_not_offer_is_said(shown: tuple[Said, Path]) -> None:
    said, _ = shown

    without = [name for name, platform in PLATFORMS.items() if Task.ORDERS_ACCEPT not in platform.tasks]

    assert without
    assert all(f"404: “orders-accept” is not offered by {name}" in said.out for name in without)


def test_each_catch_up_finds_what_the_hourly_import_could_not_see(shown: tuple[Said, Path]) -> None:
    said, _ = shown

    for name in PLATFORMS:
        answers = _answers(said.out, name, Task.ORDERS_IMPORT)
        assert all("found_by_catch_up 1" in answers[flags] for flags in CATCH_UPS)


def test_the_demo_touches_nothing_of_the_folder_it_is_started_in(shown: tuple[Said, Path]) -> None:
    _, folder = shown

    assert list(folder.rglob("*")) == []


@pytest.mark.parametrize("shown", ["embedded"], indirect=True)
def test_the_demo_stays_up_until_somebody_stops_it(shown: tuple[Said, Path]) -> None:
    said, _ = shown

    for name in PLATFORMS:
        assert f"/_control/{name}/orders" in said.out
    assert "its folder is gone" in said.out


def test_the_demo_never_uses_what_belongs_to_the_installation(shell: Shell) -> None:
    async def used() -> tuple[str, str]:
        async with open_servers(shell.folder / "demo") as servers:
            return servers.settings.database, servers.settings.admin_token

    shell.file(".env", f"DATABASE_URL=sqlite:///{shell.folder}/mine.db\nADMIN_TOKEN={'x' * 40}\n")

    assert run(used()) == (f"sqlite:///{shell.folder / 'demo' / 'marketcron.db'}", "")


def _answers(out: str, account: str, task: Task) -> dict[str, str]:
    """Return what was printed after each URL of a task, by the flags at its end."""
    units = re.split(r"^ +GET \S+/cron/", out, flags=re.MULTILINE)
    found = (re.match(rf"{account}/{task}\?token=[^&\s]+(\S*)\n(.*)", unit, re.DOTALL) for unit in units)
    return {match[1]: match[2] for match in found if match}
