"""The figures of this process for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

# From a quick read to the longest write that we wait for.
CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_BY_OPERATION = ("service", "operation")


class Metrics:
    """Counts calls to remote services; a `transport.meter.CallObserver`. Each has its own registry."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "marketcron_calls", "Requests sent, by how they ended.", (*_BY_OPERATION, "outcome"), registry=self.registry
        )
        self._seconds = Histogram(
            "marketcron_call_seconds",
            "Real seconds from sending a request to its outcome.",
            _BY_OPERATION,
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self._retries = Counter(
            "marketcron_call_retries", "Requests that repeat an earlier one.", _BY_OPERATION, registry=self.registry
        )
        self._throttled = Counter(
            "marketcron_calls_throttled",
            "Answers that asked us to slow down.",
            _BY_OPERATION,
            registry=self.registry,
        )
        self._waited = Counter(
            "marketcron_quota_wait_seconds",
            "Business seconds that calls waited for their quota.",
            _BY_OPERATION,
            registry=self.registry,
        )

    def called(self, *, service: str, operation: str, outcome: str, seconds: float) -> None:
        self._calls.labels(service, operation, outcome).inc()
        self._seconds.labels(service, operation).observe(seconds)

    def retried(self, *, service: str, operation: str) -> None:
        self._retries.labels(service, operation).inc()

    def throttled(self, *, service: str, operation: str) -> None:
        self._throttled.labels(service, operation).inc()

    def waited(self, *, service: str, operation: str, seconds: float) -> None:
        self._waited.labels(service, operation).inc(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format; its type is `content_type`."""
        return generate_latest(self.registry)
