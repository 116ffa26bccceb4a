"""Figures: measured, compared with what they should reach, printed as a table and kept as JSON."""

import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SYNCS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a part; `at_most` or `at_least` is what it should reach, neither: it explains the others."""

    part: str
    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the figure is as good as it should be; None when nothing is asked of it."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.value >= self.at_least if self.at_least is not None else None

    def row(self) -> tuple[str, str, str, str]:
        """Return name, value, what to reach, and how it stands, ready to print."""
        wanted = f"≤ {self.at_most:g}" if self.at_most is not None else ""
        wanted = f"≥ {self.at_least:g}" if self.at_least is not None else wanted
        verdict = {True: "yes", False: "NO", None: ""}[self.reached]
        return (f"{self.part}: {self.name}", f"{_text(self.value)} {self.unit}".strip(), wanted, verdict)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table for people."""
    rows = [("figure", "value", "target", "ok"), *(figure.row() for figure in figures)]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip() for row in rows
    )


def written(path: Path, figures: Sequence[Figure], *, conditions: dict[str, Any]) -> None:
    """Write the figures and the conditions they were measured under as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [{**asdict(figure), "reached": figure.reached} for figure in figures]
    path.write_text(json.dumps({"conditions": conditions, "figures": kept}, indent=2, ensure_ascii=False) + "\n")


def conditions() -> dict[str, Any]:
    """Return what the figures depend on beside our code: processors, what else they do, the disk."""
    return {
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_average_1_min": round(os.getloadavg()[0], 1),
        "disk_sync_ms": round(disk_sync_ms(), 2),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def disk_sync_ms() -> float:
    """Return the median time in which the disk of the temporary folder keeps a page for good: each commit waits so."""
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _text(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.3f}"
