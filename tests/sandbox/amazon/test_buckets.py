import pytest

from app.sandbox.amazon.buckets import Plan, Rate, TokenBuckets, Wanted

SEARCH = Rate(0.0056, 20)


def calls(buckets: TokenBuckets, count: int, *, at: float, rate: Rate = SEARCH, plan: Plan | None = None) -> int:
    """Return how many of so many calls get through."""
    wanted = Wanted("search", rate, plan or Plan())
    return sum(buckets.take(wanted, now_s=at) is None for _ in range(count))


def test_a_bucket_begins_full() -> None:
    assert calls(TokenBuckets(), 30, at=0) == 20


def test_one_token_runs_in_every_178_6_seconds() -> None:
    buckets = TokenBuckets()
    calls(buckets, 20, at=0)

    assert (calls(buckets, 1, at=178), calls(buckets, 1, at=178.6), calls(buckets, 1, at=178.7)) == (0, 1, 0)


def test_a_refused_call_takes_nothing() -> None:
    buckets = TokenBuckets()
    calls(buckets, 1000, at=0)

    assert calls(buckets, 1, at=178.6) == 1


def test_it_fills_up_and_no_further() -> None:
    buckets = TokenBuckets()
    calls(buckets, 20, at=0)

    assert calls(buckets, 30, at=10_000_000) == 20


def test_whoever_waits_exactly_until_the_next_token_gets_it() -> None:
    buckets = TokenBuckets()
    calls(buckets, 20, at=0)

    assert [calls(buckets, 1, at=1000.1 + number / 0.0056) for number in range(50)][5:] == [1] * 45


def test_thirty_calls_take_ten_intervals() -> None:
    buckets, now_s, made = TokenBuckets(), 0.0, 0

    while made < 30:
        made += calls(buckets, 1, at=now_s)
        now_s += 1

    assert now_s == pytest.approx(10 / 0.0056, abs=2)


def test_a_plan_changes_the_rate_from_its_moment_on() -> None:
    buckets, plan = TokenBuckets(), Plan(before=1, factor=10, since_s=1000)
    calls(buckets, 20, at=0)

    # A thousand seconds at 0.0056 are 5.6 tokens, 100 at ten times as much another 5.6.
    assert calls(buckets, 30, at=1100, plan=plan) == 11


def test_the_empty_one_of_two_buckets_is_named_and_the_other_keeps_its_token() -> None:
    buckets = TokenBuckets()
    seller, application = Wanted("seller", Rate(1, 5)), Wanted("application", Rate(1, 1))

    taken = [buckets.take(seller, application, now_s=0) for _ in range(3)]

    assert taken == [None, "application", "application"]
    assert buckets.level("seller", Rate(1, 5), now_s=0) == 4
