"""Commands about a PrestaShop: added, tested, tried, and its states given to an account."""

from typing import Any

import pytest

from app.cli import shop_choices, shop_test_order
from tests.cli.shell import RunningSandbox, Said, Shell

KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456"


def add_shop(shell: Shell, sandbox: RunningSandbox, *more: str, **switches: Any) -> Said:
    """Add the sandbox's PrestaShop, set up like this, under the name `presta`."""
    if switches:
        sandbox.control("prestashop/switches", **switches)
    reach = sandbox.look("credentials")["shops"]["prestashop"]
    fields = [
        word
        for name, value in {**reach["settings"], **reach["secrets"]}.items()
        for word in ("--set", name + "=" + value)
    ]
    return shell.call("shop", "add", "presta", "--kind", "prestashop", *fields, *more)


def settings_of(shell: Shell, account: str = "mirakl") -> dict[str, Any]:
    settings: dict[str, Any] = shell.call("account", "show", account, "--json").json["settings"]
    return settings


# Adding and changing.


def test_adding_tests_nothing_and_says_how_to(shell: Shell) -> None:
    said = shell.call(
        "shop", "add", "presta", "--kind", "prestashop", "--set", "url=https://nowhere.invalid", "--set", f"key={KEY}"
    )

    assert said.code == 0
    assert said.out == "Added the shop presta. Test it: marketcron shop check presta\n"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (["url=https://shop.example", "key=SHORT"], "A Webservice key has 32 characters, this has 5."),
        (["url=http://shop.example.com", f"key={KEY}"], "write the address with https://"),
        (["url=not an address", f"key={KEY}"], "This is not a web address."),
        ([f"key={KEY}"], "Missing: url."),
    ],
)
def test_fields_that_can_not_be_right_are_refused_without_their_values(
    shell: Shell, fields: list[str], sentence: str
) -> None:
    said = shell.call(
        "shop", "add", "presta", "--kind", "prestashop", *[word for each in fields for word in ("--set", each)]
    )

    assert said.code == 2
    assert sentence in said.err
    assert KEY not in said.err


def test_a_field_is_changed_and_the_others_stay(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox, lost_authorization=True)
    assert shell.call("shop", "check", "presta").code == 1

    said = shell.call("shop", "set", "presta", "key_in_address=1")

    assert said.out == "presta: key_in_address set. Test it: marketcron shop check presta\n"
    assert shell.call("shop", "check", "presta").code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["presta"], "Nothing to change."),
        (["presta", "colour=red"], "There is no field “colour”. The fields are: url, key,"),
        (["presta", "key=SHORT"], "A Webservice key has 32 characters"),
        (["main", "currency=GBP"], "add another shop"),
        (["nowhere", "url=x"], "There is no shop named “nowhere”"),
    ],
)
def test_a_change_that_can_not_be_made_is_a_sentence(
    shell: Shell, sandbox: RunningSandbox, words: list[str], sentence: str
) -> None:
    add_shop(shell, sandbox)

    said = shell.call("shop", "set", *words)

    assert said.code == 2
    assert sentence in said.err


# Checking.


def test_a_shop_that_is_ready_passes_its_check(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)

    said = shell.call("shop", "check", "presta")

    assert said.code == 0
    assert "ok  The shop is a PrestaShop 8.2.1." in said.out
    assert "BAD" not in said.out


def test_what_is_missing_is_said_with_where_to_click(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox, denied={"orders": ["PATCH"]})

    said = shell.call("shop", "check", "presta", "--json")

    (missing,) = [each for each in said.json["findings"] if not each["ok"]]
    assert said.code == 1
    assert missing["code"] == "RIGHTS_ORDERS"
    assert "Advanced Parameters > Webservice" in missing["fix"]


def test_an_account_is_checked_with_its_shop(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)
    shell.call("account", "add", "mirakl", "--platform", "mirakl", "--shop", "presta", *sandbox.fields())
    shell.call("account", "set", "mirakl", "imported_state=99")

    said = shell.call("account", "check", "mirakl")

    assert said.code == 1
    assert "BAD The setting imported_state names the status 99, which the shop does not have." in said.out


# Trying.


def test_a_test_order_is_made_and_taken_out(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)

    said = shell.call("shop", "test-order", "presta", "--yes")

    assert said.code == 0
    assert "right to the cent" in said.out
    assert set(sandbox.look("prestashop/state")["orders_by_state"]) == {"6"}


def test_a_test_order_may_be_kept(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)

    said = shell.call("shop", "test-order", "presta", "--yes", "--keep", "--json")

    assert said.json["ok"]
    assert set(sandbox.look("prestashop/state")["orders_by_state"]) == {"2"}


def test_a_test_order_that_fails_ends_with_1(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox, "--set", "payment_module=nosuchmodule")

    said = shell.call("shop", "test-order", "presta", "--yes")

    assert said.code == 1
    assert "BAD The shop breaks off when the order is made (500)" in said.out
    assert "Modules > Module Manager" in said.out


def test_nothing_is_written_without_a_yes(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)

    said = shell.call("shop", "test-order", "presta")

    assert said.code == 2
    assert "--yes" in said.err
    assert sandbox.look("prestashop/state")["writes"] == {}


@pytest.mark.parametrize(("typed", "code"), [("n\n", 1), ("y\n", 0)])
def test_a_person_is_asked_first(
    shell: Shell, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    add_shop(shell, sandbox)
    monkeypatch.setattr(shop_test_order, "somebody_answers", lambda: True)

    said = shell.call("shop", "test-order", "presta", typed=typed)

    assert said.code == code
    assert bool(sandbox.look("prestashop/state")["orders"]) is (code == 0)


@pytest.mark.parametrize("words", [["test-order", "main", "--yes"], ["states", "main"], ["carriers", "main"]])
def test_an_embedded_shop_says_that_it_needs_none(shell: Shell, words: list[str]) -> None:
    said = shell.call("shop", *words)

    assert said.code == 2
    assert "not offered by shops like main" in said.err


# Choosing.


def test_states_are_listed_with_a_suggestion_and_why(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)

    said = shell.call("shop", "states", "presta")
    record = shell.call("shop", "states", "presta", "--json").json

    assert "4\tExpédié\tlogable, paid, invoice, shipped, send_email\thas left" in said.out
    assert "shipped_states\t4 (Expédié), 5 (Livré)\tThese statuses are flagged as shipped" in said.out
    assert record["suggestion"]["imported_state"]["value"] == "2"
    assert record["states"][0].keys() == {"id", "name", "flags", "means"}


def test_carriers_are_listed_by_number(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)

    assert shell.call("shop", "carriers", "presta").out.splitlines()[0] == "1\tRetrait en magasin\tyes\tyes"
    assert shell.call("shop", "carriers", "presta", "--json").json[0]["free"] is True


def test_suggested_states_are_stored_after_a_yes(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)
    shell.add_account("mirakl", "--shop", "presta")

    said = shell.call("account", "map-states", "mirakl", "--yes")

    assert said.code == 0
    assert "imported_state\t2 (Paiement accepté)\tas suggested\t" in said.out
    kept = settings_of(shell)
    assert (kept["imported_state"], kept["fulfilled_state"], kept["cancelled_state"]) == ("2", "5", "6")
    assert kept["shipped_states"] == ["4", "5"]


@pytest.mark.parametrize(("typed", "kept"), [("n\n", ""), ("y\n", "2")])
def test_a_person_is_asked_before_states_are_stored(
    shell: Shell, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, typed: str, kept: str
) -> None:
    add_shop(shell, sandbox)
    shell.add_account("mirakl", "--shop", "presta")
    monkeypatch.setattr(shop_choices, "somebody_answers", lambda: True)

    shell.call("account", "map-states", "mirakl", typed=typed)

    assert settings_of(shell)["imported_state"] == kept


def test_states_are_not_stored_where_nobody_agrees(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox)
    shell.add_account("mirakl", "--shop", "presta")

    said = shell.call("account", "map-states", "mirakl")

    assert said.code == 2
    assert "account map-states mirakl --yes" in said.err
    assert settings_of(shell)["imported_state"] == ""


def test_a_shop_that_is_away_is_a_sentence(shell: Shell, sandbox: RunningSandbox) -> None:
    add_shop(shell, sandbox, webservice=False)

    said = shell.call("shop", "states", "presta")

    assert said.code == 1
    assert "its webservice is switched off" in said.err
