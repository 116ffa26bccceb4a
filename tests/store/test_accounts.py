"""Accounts and shops: one per seller, removed softly, and the key that opens this database."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from app.domain.intake import Intake
from app.domain.order import Fulfilment
from app.errors import BadInput
from app.keys import Keys, UnreadableSecret
from app.store import accounts
from app.store.accounts import StoredAccount, StoredShop
from app.store.engine import Store
from tests.runs.builders import CIPHER, a_run, an_account, main_shop, queued
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entries, entry, heard, put

MFN, AFN = Fulfilment.MERCHANT, Fulfilment.MARKETPLACE


def learnt(
    store: Store,
    account: StoredAccount,
    *,
    seller_key: str,
    fulfilments: Collection[Fulfilment] = frozenset(Fulfilment),
    config: bytes = b"sealed",
) -> StoredAccount:
    """Keep what a connection test of that account found out."""
    return run(
        store.write(
            accounts.keep_connection_test, account.id, seller_key=seller_key, fulfilments=fulfilments, config=config
        )
    )


def test_a_name_is_given_once(store: Store) -> None:
    an_account(store, "demo")

    with pytest.raises(BadInput, match="named “demo” exists already"):
        an_account(store, "demo", seller_key="another")


def test_the_same_seller_is_not_added_twice(store: Store) -> None:
    an_account(store, "first", seller_key="same")

    with pytest.raises(BadInput, match="“first” serves this seller already"):
        an_account(store, "second", seller_key="same")


def test_a_name_and_a_seller_are_free_again_once_removed(store: Store) -> None:
    first = an_account(store, "demo")
    removed(store, first)

    second = an_account(store, "demo")

    assert run(store.read(accounts.account_named, "demo")) == second
    assert second.id != first.id
    assert [row.id for row in run(store.read(accounts.accounts))] == [second.id]
    assert {row.id for row in run(store.read(accounts.all_accounts))} == {first.id, second.id}


def test_a_seller_who_comes_back_finds_his_ledger(store: Store) -> None:
    first = an_account(store, "demo")
    heard(store, a_run_ledger(first), a_sale("A"), a_sale("B"))
    put(store, "A", Intake.IMPORTED, shop_ref="7")
    removed(store, first)

    second = an_account(store, "again")
    heard(store, a_run_ledger(second), a_sale("A", minutes=5))

    assert [(row.order_id, row.account_id, row.intake) for row in entries(store)] == [
        ("A", second.id, Intake.IMPORTED),
        ("B", second.id, Intake.DUE),
    ]


def test_a_seller_who_comes_back_with_another_shop_takes_his_orders_there(store: Store) -> None:
    run(store.write(accounts.add_shop, StoredShop(id="other", name="other", kind="embedded", created_at=NOW)))
    first = an_account(store, "demo")
    heard(store, a_run_ledger(first), a_sale("A"))
    removed(store, first)

    an_account(store, "again", shop_id="other")

    assert entry(store, "A").shop_id == "other"


def test_a_seller_learned_by_a_connection_test_finds_his_ledger_too(store: Store) -> None:
    first = an_account(store, "demo", seller_key="seller")
    heard(store, a_run_ledger(first), a_sale("A"))
    removed(store, first)
    second = an_account(store, "again", seller_key=None)

    learnt(store, second, seller_key="seller", config=b"sealed")

    assert entry(store, "A").account_id == second.id


def test_a_connection_test_that_finds_a_known_seller_is_refused(store: Store) -> None:
    an_account(store, "first", seller_key="same")
    second = an_account(store, "second", seller_key=None)

    with pytest.raises(BadInput, match="“first” serves this seller already"):
        learnt(store, second, seller_key="same", config=b"sealed")

    unchanged = run(store.read(accounts.account_and_shop, second.id)).account
    assert unchanged.seller_key is None


def test_two_accounts_may_share_a_seller_of_whom_none_reads_the_others_orders(store: Store) -> None:
    ours = learnt(store, an_account(store, "ours", seller_key=None), seller_key="same", fulfilments={MFN})
    theirs = learnt(store, an_account(store, "theirs", seller_key=None), seller_key="same", fulfilments={AFN})
    third = an_account(store, "third", seller_key=None)

    assert (ours.fulfilments, theirs.fulfilments) == (["merchant"], ["marketplace"])
    for fulfilments in ({MFN}, {AFN}, {MFN, AFN}):
        with pytest.raises(BadInput, match="serves this seller already"):
            learnt(store, third, seller_key="same", fulfilments=fulfilments)


def test_who_comes_back_for_some_orders_of_a_seller_leaves_the_others_where_they_are(store: Store) -> None:
    ours = learnt(store, an_account(store, "ours", seller_key=None), seller_key="seller", fulfilments={MFN})
    gone = learnt(store, an_account(store, "gone", seller_key=None), seller_key="seller", fulfilments={AFN})
    heard(store, a_run_ledger(ours), a_sale("A"))
    heard(store, a_run_ledger(gone), a_sale("B", fulfilment=AFN))
    removed(store, gone)

    back = learnt(store, an_account(store, "back", seller_key=None), seller_key="seller", fulfilments={AFN})

    assert [(row.order_id, row.account_id) for row in entries(store)] == [("A", ours.id), ("B", back.id)]


def test_learning_the_same_seller_again_does_no_harm(store: Store) -> None:
    account = an_account(store, seller_key="same")

    learned = learnt(store, account, seller_key="same", config=b"new")

    assert (learned.seller_key, learned.config) == ("same", b"new")


def test_a_seller_s_orders_on_one_platform_stay_apart_from_another_seller_s(store: Store) -> None:
    one, two = an_account(store, "one", seller_key="one"), an_account(store, "two", seller_key="two")
    heard(store, a_run_ledger(one), a_sale("A"))
    heard(store, a_run_ledger(two), a_sale("A"))

    assert [row.account_id for row in entries(store)] == [one.id, two.id]


def test_a_removed_account_is_still_known_to_its_runs(store: Store) -> None:
    account = an_account(store)
    row = queued(store, account)
    removed(store, account)

    found = run(store.read(accounts.account_of_run, row.id))

    assert found is not None
    assert found.id == account.id
    assert run(store.read(accounts.account_of_run, a_run(account).id)) is None
    assert run(store.read(accounts.account_and_shop, account.id)).shop.id == main_shop(store)


def test_a_rotation_begins_the_next_generation(store: Store) -> None:
    account = an_account(store)

    rotated = run(store.write(accounts.rotate_token, account.id, now=NOW + timedelta(hours=1)))

    assert (rotated.token_generation, rotated.token_rotated_at) == (2, NOW + timedelta(hours=1))


def test_a_shop_s_name_is_given_once(store: Store) -> None:
    with pytest.raises(BadInput, match="shop named “main” exists"):
        run(store.write(accounts.add_shop, StoredShop(id="x", name="main", kind="embedded", created_at=NOW)))


def test_a_configuration_is_sealed_and_opened() -> None:
    sealed = accounts.seal_config(CIPHER, {"api_key": "very secret"})

    assert b"very secret" not in sealed
    assert accounts.open_config(CIPHER, sealed) == {"api_key": "very secret"}
    assert accounts.open_config(CIPHER, None) == {}
    with pytest.raises(UnreadableSecret):
        accounts.open_config(Keys("another secret that is long enough, too").cipher, sealed)


def test_a_database_knows_the_secret_it_was_made_with(store: Store) -> None:
    assert meet(store, "first") is None
    assert meet(store, "first") is None
    with pytest.raises(BadInput, match="SECRET_KEY_PREVIOUS"):
        meet(store, "second")


def test_a_changed_secret_is_welcome_with_the_former_one(store: Store) -> None:
    meet(store, "first")

    changed_at = meet(store, "second", previous="first")

    assert changed_at == NOW
    assert meet(store, "second") == NOW
    with pytest.raises(BadInput):
        meet(store, "first")


def meet(store: Store, fingerprint: str, *, previous: str | None = None) -> object:
    question = accounts.meet_canary
    return run(store.write(question, fingerprint=fingerprint, previous=previous, cipher=CIPHER, now=NOW))


def removed(store: Store, account: StoredAccount) -> None:
    run(store.write(accounts.change_account, account.id, {"removed_at": NOW}))
