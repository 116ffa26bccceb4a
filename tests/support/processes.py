"""Real processes: started with the signals as a shell gives them, and never left behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ENDS_WITHIN_S = 20.0
# What a job of a shell that runs in the background ignores, and would hand down to its children.
_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


def start(*words: str, **options: Any) -> "subprocess.Popen[Any]":
    """Start `python` with these words; `options` are those of Popen."""
    return subprocess.Popen([sys.executable, *words], preexec_fn=_default_signals, **options)


@contextmanager
def started(*words: str, **options: Any) -> Iterator["subprocess.Popen[Any]"]:
    """Start `python` with these words and end it with the block."""
    process = start(*words, **options)
    try:
        yield process
    finally:
        end(process)


def end(process: "subprocess.Popen[Any]", *, within_s: float = ENDS_WITHIN_S) -> None:
    """Ask a process to end, and kill it when it does not; one that has ended is left alone."""
    if process.poll() is None:
        process.terminate()
    try:
        process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _default_signals() -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)
