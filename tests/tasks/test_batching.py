"""Results share commits, and none waits long."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.tasks.batching import KEPT_BACK_S, Batch
from tests.support.aio import run


@dataclass
class Kept:
    """What was committed, and a clock that stands where it was put."""

    commits: list[list[int]] = field(default_factory=list)
    now: float = 0.0

    async def keep(self, results: Sequence[int]) -> None:
        self.commits.append(list(results))

    def batch(self) -> Batch[int]:
        return Batch(self.keep, now=lambda: self.now)


def test_quick_results_share_a_commit() -> None:
    kept = Kept()

    async def scene() -> None:
        batch = kept.batch()
        for result in range(3):
            await batch.add(result)
        await batch.commit()

    run(scene())

    assert kept.commits == [[0, 1, 2]]


def test_a_slow_result_is_committed_at_once() -> None:
    kept = Kept()

    async def scene() -> None:
        batch = kept.batch()
        kept.now += KEPT_BACK_S * 1.01
        await batch.add(1)

    run(scene())

    assert kept.commits == [[1]]


def test_nothing_is_committed_where_nothing_waits() -> None:
    kept = Kept()

    run(kept.batch().commit())

    assert kept.commits == []
