"""A hit as a run row keeps it, and back."""

from typing import Any

import pytest

from app.domain.order import Fulfilment
from app.domain.task import Mode, Task
from app.runs.stored_request import new_run, request_of
from app.store.engine import Store
from tests.runs.builders import a_request, an_account
from tests.shops.builders import NOW

EVERYTHING: dict[str, Any] = {
    "modes": frozenset({Mode.RECHECK, Mode.DOUBLECHECK}),
    "order_ids": ("B", "A"),
    "since": "5d",
    "fulfilments": frozenset(Fulfilment),
}


@pytest.mark.parametrize(
    "run_request", [a_request(), a_request(dry_run=True, **EVERYTHING), a_request(Task.ORDERS_ACCEPT)]
)
def test_what_was_asked_comes_back(sqlite_store: Store, run_request: Any) -> None:
    row = new_run(an_account(sqlite_store), run_request, now=NOW)

    assert request_of(row) == run_request
    assert row.combination == run_request.combination


def test_runs_of_one_task_share_a_lease_and_dry_runs_have_their_own(sqlite_store: Store) -> None:
    account = an_account(sqlite_store)

    live, catch_up, accept, one, two = (
        new_run(account, request, now=NOW).lease_key
        for request in (
            a_request(),
            a_request(modes=EVERYTHING["modes"]),
            a_request(Task.ORDERS_ACCEPT),
            a_request(dry_run=True),
            a_request(dry_run=True),
        )
    )

    assert live == catch_up
    assert len({live, accept, one, two}) == 4
