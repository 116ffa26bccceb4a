"""The service as `serve` starts it, but without published frequencies, and with an address that tells what it costs."""

import resource
from pathlib import Path

import typer

from app.main import create_app
from app.marketplaces.mirakl import quotas
from app.observe.logs import configure_logs
from app.server import StoppingServer, address_of, listen
from app.settings import load_settings
from app.transport.operation import Operation
from app.transport.quotas import Quota

# Every call still takes its token from the database; it only never has to wait for it.
LIFTED = Quota(burst=1_000_000, interval_s=0.001, margin_s=0)
KILOBYTE = 1024
STATUS = Path("/proc/self/status")


async def usage() -> dict[str, float]:
    """Return the seconds of processor time so far, and the most memory there ever was."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_s": used.ru_utime + used.ru_stime, "peak_mb": peak_bytes() / 1_000_000}


def peak_bytes() -> int:
    """Return the most memory that this process ever had."""
    if STATUS.exists():
        # What getrusage tells on Linux begins with the memory of the process that started this one.
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * KILOBYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    for operation in vars(quotas).values():
        if isinstance(operation, Operation):
            object.__setattr__(operation, "quota", LIFTED)
    settings = load_settings()
    configure_logs(level=settings.log_level, style=settings.log_format)
    app = create_app(settings)
    app.add_api_route("/_usage", usage)
    listener = listen("127.0.0.1", 0)
    StoppingServer(app, on_start=lambda: typer.echo(f"listens on {address_of(listener)}")).run(sockets=[listener])


if __name__ == "__main__":
    main()
