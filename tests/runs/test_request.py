"""A hit as a run row keeps it, and back."""

from typing import Any

import pytest

from app.domain.order import Fulfilment
from app.domain.task import Mode, Task
from app.runs.request import asked_of, new_run
from app.store.engine import Store
from tests.runs.building import an_account, asking
from tests.shops.building import NOW

EVERYTHING: dict[str, Any] = {
    "modes": frozenset({Mode.RECHECK, Mode.DOUBLECHECK}),
    "order_ids": ("B", "A"),
    "since": "5d",
    "fulfilments": frozenset(Fulfilment),
}


@pytest.mark.parametrize("asked", [asking(), asking(dry_run=True, **EVERYTHING), asking(Task.ORDERS_ACCEPT)])
def test_what_was_asked_comes_back(sqlite_store: Store, asked: Any) -> None:
    row = new_run(an_account(sqlite_store), asked, now=NOW)

    assert asked_of(row) == asked
    assert row.combination == asked.combination


def test_runs_of_one_task_share_a_lease_and_rehearsals_have_their_own(sqlite_store: Store) -> None:
    account = an_account(sqlite_store)

    live, catch_up, accept, one, two = (
        new_run(account, asked, now=NOW).lease_key
        for asked in (
            asking(),
            asking(modes=EVERYTHING["modes"]),
            asking(Task.ORDERS_ACCEPT),
            asking(dry_run=True),
            asking(dry_run=True),
        )
    )

    assert live == catch_up
    assert len({live, accept, one, two}) == 4
