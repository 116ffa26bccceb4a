from app.sandbox.quota import Limit, SlidingWindows

SIXTY_AN_HOUR = Limit(calls=60, per_s=3600)


def test_the_window_slides_with_the_oldest_call() -> None:
    windows = SlidingWindows()
    for second in range(60):
        windows.wait("key", "OR11", limit=SIXTY_AN_HOUR, now_s=second * 10)

    waits = [windows.wait("key", "OR11", limit=SIXTY_AN_HOUR, now_s=now_s) for now_s in (600, 3599.5, 3600, 3600)]

    assert waits == [3000, 1, 0, 10]


def test_a_refused_call_costs_nothing() -> None:
    windows = SlidingWindows()
    once = Limit(calls=1, per_s=60)
    waits = [windows.wait("key", "A01", limit=once, now_s=now_s) for now_s in (0, 30, 59, 60)]

    assert waits == [0, 30, 1, 0]


def test_two_calls_keep_their_distance() -> None:
    windows = SlidingWindows()
    spaced = Limit(calls=60, per_s=3600, gap_s=0.9)

    waits = [windows.wait("key", "OR11", limit=spaced, now_s=now_s) for now_s in (0, 0.5, 0.95)]

    assert waits == [0, 1, 0]


def test_keys_and_operations_are_counted_apart() -> None:
    windows = SlidingWindows()
    once = Limit(calls=1, per_s=60)
    calls = (("one", "OR11"), ("two", "OR11"), ("one", "A01"))

    waits = [windows.wait(key, operation, limit=once, now_s=0) for key, operation in calls]

    assert waits == [0, 0, 0]
