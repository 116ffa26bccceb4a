"""Callers that hit addresses one answer after the other, each hit over a new connection, as cron services do it.

Told on standard input as JSON: `host`, `port`, `hits` (paths with their headers, taken in turn; `{n}` in a path becomes
the number of the hit), `callers`, `seconds`, `first` (the number of the first hit). Prints the milliseconds of every
answer as a JSON list.
"""

import itertools
import json
import sys
import threading
import time
from http.client import HTTPConnection
from typing import Any


def calls(values: dict[str, Any]) -> list[float]:
    """Return the milliseconds of every answer; raises for one that is no success."""
    numbers = itertools.count(values["first"])
    gate = threading.Barrier(values["callers"])
    times: list[float] = []
    refused: list[str] = []

    def one_caller() -> None:
        gate.wait()
        until = time.perf_counter() + values["seconds"]
        while (began := time.perf_counter()) < until and not refused:
            number = next(numbers)
            path, headers = values["hits"][number % len(values["hits"])]
            connection = HTTPConnection(values["host"], values["port"], timeout=60)
            connection.request("GET", path.format(n=number), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            times.append((time.perf_counter() - began) * 1000)
            connection.close()
            if answer.status >= 300:
                refused.append(f"{answer.status}: {body[:300]!r}")

    threads = [threading.Thread(target=one_caller) for _ in range(values["callers"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise SystemExit(refused[0])
    return times


if __name__ == "__main__":
    json.dump(calls(json.load(sys.stdin)), sys.stdout)
