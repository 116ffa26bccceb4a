"""Measure everything, or the parts that are named; print a table and write `build/bench.json`."""

import sys
import time
import traceback

from app.observe.logs import configure_logs
from tests.bench.figures import Figure, conditions, table, written
from tests.bench.parts import PARTS
from tests.support.service_process import ROOT


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SystemExit(f"There is no part '{unknown[0]}'. Name some of these, or none for all: {', '.join(PARTS)}.")
    # Runs of this process pause on purpose; what nobody expects is an error.
    configure_logs(level="error", style="auto")
    began, before = time.monotonic(), conditions()
    figures: list[Figure] = []
    failed: list[str] = []
    for name in names or PARTS:
        say(f"measuring {name} …")
        try:
            figures += PARTS[name].measured()
        except Exception:
            # The figures of the other parts took minutes; they are told whatever becomes of this one.
            traceback.print_exc()
            failed.append(name)
    after = conditions()
    circumstances = {"before": before, "after": after, "seconds": round(time.monotonic() - began)}
    written(ROOT / "build/bench.json", figures, conditions=circumstances)
    say(table(figures))
    say(
        f"{before['cpus']} processors, load {before['load_average_1_min']} before and "
        f"{after['load_average_1_min']} after, one disk sync {before['disk_sync_ms']} and "
        f"{after['disk_sync_ms']} ms, {circumstances['seconds']} s in all; written to build/bench.json"
    )
    if failed:
        raise SystemExit(f"Not measured: {', '.join(failed)}. The reason is printed above.")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
