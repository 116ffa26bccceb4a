"""Measure everything, or the parts that are named; print a table and write `build/bench.json`."""

import sys
import time
from collections.abc import Callable, Mapping

from tests.bench import imports, offers, trigger, waits
from tests.bench.figures import Figure, conditions, table, written
from tests.support.service import ROOT

PARTS: Mapping[str, Callable[[], list[Figure]]] = {
    "trigger": trigger.measure,
    "import": imports.measure,
    "quota": waits.measure,
    "offers": offers.measure,
}


def main(names: list[str]) -> None:
    began, before = time.monotonic(), conditions()
    figures: list[Figure] = []
    for name in names or PARTS:
        say(f"measuring {name} …")
        figures += PARTS[name]()
    after = conditions()
    circumstances = {"before": before, "after": after, "seconds": round(time.monotonic() - began)}
    written(ROOT / "build/bench.json", figures, conditions=circumstances)
    say(table(figures))
    say(
        f"{before['cpus']} processors, load {before['load_average_1_min']} before and "
        f"{after['load_average_1_min']} after, one disk sync {before['disk_sync_ms']} and "
        f"{after['disk_sync_ms']} ms, {circumstances['seconds']} s in all; written to build/bench.json"
    )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
