"""What a run asked of remote services, counted: the `quota` block of its report, and the metrics of the process."""

from dataclasses import dataclass, field
from typing import Protocol


class CallObserver(Protocol):
    """Somebody who wants to know of every call, as the metrics of the process do."""

    def called(self, *, service: str, operation: str, outcome: str, seconds: float) -> None:
        """One request was sent and ended with that outcome (`ok` or the kind of error) after so many real seconds."""
        ...

    def retried(self, *, service: str, operation: str) -> None:
        """A request is about to be sent again."""
        ...

    def throttled(self, *, service: str, operation: str) -> None:
        """The remote side asked to slow down."""
        ...

    def waited(self, *, service: str, operation: str, seconds: float) -> None:
        """A call waited so many business seconds for its quota."""
        ...


@dataclass(slots=True)
class OperationCounts:
    """The counts of one operation."""

    calls: int = 0
    retries: int = 0
    throttled: int = 0
    waited_s: float = 0.0


@dataclass(slots=True)
class Meter:
    """The counts of one run.

    `calls`: requests sent, repetitions included; `retries`: repetitions; `throttled`: times we were asked to slow down;
    `waited_s`: business seconds that calls waited for their quota.
    """

    observer: CallObserver | None = None
    calls: int = 0
    retries: int = 0
    throttled: int = 0
    waited_s: float = 0.0
    by_operation: dict[tuple[str, str], OperationCounts] = field(default_factory=dict)

    def count_call(self, *, service: str, operation: str, outcome: str, seconds: float) -> None:
        self.calls += 1
        self._counts_of(service, operation).calls += 1
        if self.observer:
            self.observer.called(service=service, operation=operation, outcome=outcome, seconds=seconds)

    def count_retry(self, *, service: str, operation: str) -> None:
        self.retries += 1
        self._counts_of(service, operation).retries += 1
        if self.observer:
            self.observer.retried(service=service, operation=operation)

    def count_throttled(self, *, service: str, operation: str) -> None:
        self.throttled += 1
        self._counts_of(service, operation).throttled += 1
        if self.observer:
            self.observer.throttled(service=service, operation=operation)

    def count_wait(self, *, service: str, operation: str, seconds: float) -> None:
        self.waited_s += seconds
        self._counts_of(service, operation).waited_s += seconds
        if self.observer:
            self.observer.waited(service=service, operation=operation, seconds=seconds)

    @property
    def operations(self) -> dict[str, int]:
        """The requests sent of each operation, by the names of `operation_name`."""
        return {operation_name(*key): counts.calls for key, counts in self.by_operation.items() if counts.calls}

    def _counts_of(self, service: str, operation: str) -> OperationCounts:
        return self.by_operation.setdefault((service, operation), OperationCounts())


def operation_name(service: str, operation: str) -> str:
    """Return the name under which a run keeps what it asked of one operation."""
    return f"{service} {operation}"
