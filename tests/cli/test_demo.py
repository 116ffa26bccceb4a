import signal

from app.cli.demo.world import open_world
from tests.cli.shell import Shell
from tests.support.aio import run


def test_the_demo_shows_every_url_and_ends_well(shell: Shell) -> None:
    data = sorted(shell.folder.rglob("*"))

    process = shell.start("demo", "--once")
    out, err = process.communicate(timeout=100)

    assert (process.returncode, err) == (0, "")
    for flag in ("", "&recheck=1", "&doublecheck=1", "&dry_run=1"):
        assert f"{flag}\n" in out
    assert "Every paid order is in the shop, once" in out
    assert sorted(shell.folder.rglob("*")) == data


def test_the_demo_stays_up_until_somebody_stops_it(shell: Shell) -> None:
    process = shell.start("demo")
    assert process.stdout is not None
    shown = list(iter(process.stdout.readline, "Ctrl-C ends the demo and removes its data.\n"))
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert any("/_control/mirakl/orders" in line for line in shown)
    assert process.returncode == 0
    assert "its folder is gone" in out


def test_the_demo_never_uses_what_belongs_to_the_installation(shell: Shell) -> None:
    async def used() -> tuple[str, str]:
        async with open_world(shell.folder / "demo") as world:
            return world.settings.database, world.settings.admin_token

    shell.file(".env", f"DATABASE_URL=sqlite:///{shell.folder}/mine.db\nADMIN_TOKEN={'x' * 40}\n")

    assert run(used()) == (f"sqlite:///{shell.folder / 'demo' / 'marketcron.db'}", "")
