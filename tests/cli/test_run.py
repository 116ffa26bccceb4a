import signal

import pytest

from tests.cli.shell import RunningSandbox, Shell


def test_a_run_that_leaves_nothing_undone_ends_with_0(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/orders", count=2, state="to_ship", lines=1, quantity=1)

    said = shell.call("run", "mirakl", "orders-import")

    assert said.code == 0
    assert said.out.startswith("done: 2 orders imported\n")


def test_a_run_that_needs_somebody_ends_with_3_and_says_what_to_do(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/orders", state="to_ship", shape="unknown_sku", lines=1)

    said = shell.call("run", "mirakl", "orders-import")

    assert said.code == 3
    assert "SKU_UNKNOWN" in said.out
    assert "Create the product" in said.out


def test_a_run_whose_key_is_refused_ends_with_1(shell: Shell, sandbox: RunningSandbox) -> None:
    shell.add_account("mirakl", "--set", "language=en")
    shell.call("account", "set", "mirakl", f"base_url={sandbox.url}/mirakl")

    said = shell.call("run", "mirakl", "orders-import", "--json")

    assert said.code == 1
    assert said.json["problems"][0]["code"] == "CREDENTIALS_REFUSED"


def test_a_run_that_waits_for_the_marketplace_ends_with_3(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/faults", kind="http_503", retry_after=86_400)

    said = shell.call("run", "mirakl", "orders-import", "--json")

    assert (said.code, said.json["status"]) == (3, "paused")


def test_standard_output_is_the_report_alone(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    order_ids = sandbox.control("mirakl/orders", count=3, state="to_ship", lines=1, quantity=1)["ids"]

    said = shell.call("run", "mirakl", "orders-import", "--json", "--detail")

    assert said.json["counts"]["imported"] == 3
    assert sorted(item["order_id"] for item in said.json["items"]) == sorted(order_ids)
    assert "orders-import of mirakl" in said.err


def test_a_person_sees_what_a_run_asked_for(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/orders", state="to_ship", lines=1, quantity=1)

    said = shell.call("run", "mirakl", "orders-import")

    assert said.out.splitlines()[1] == "  seen 1, imported 1; 1 call"


def test_a_person_sees_what_a_run_had_to_repeat(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/faults", kind="http_503", count=1)

    said = shell.call("run", "mirakl", "orders-import")

    assert said.out.splitlines()[1].startswith("  2 calls, 1 repeated")


def test_a_dry_run_changes_nothing(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/orders", state="to_ship", lines=1, quantity=1)

    said = shell.call("run", "mirakl", "orders-import", "--dry-run", "--json")

    assert said.json["counts"]["imported"] == 1
    assert shell.call("shop", "orders", "main", "--json").json == []


def test_only_the_orders_asked_for_are_imported(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    order_ids = sandbox.control("mirakl/orders", count=3, state="to_ship", lines=1, quantity=1)["ids"]

    chosen = ("--order-id", order_ids[0], "--order-id", order_ids[2])
    shell.call("run", "mirakl", "orders-import", *chosen)

    held = shell.call("shop", "orders", "main", "--json").json
    assert sorted(order["marketplace_order_id"] for order in held) == sorted([order_ids[0], order_ids[2]])


def test_catch_ups_are_asked_for_by_flags(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)

    said = shell.call("run", "mirakl", "orders-import", "--recheck", "--doublecheck", "--json")

    assert said.json["modes"] == ["doublecheck", "recheck"]


def test_a_run_that_is_stopped_is_gone_on_with_by_the_next(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    order_ids = sandbox.control("mirakl/orders", count=12, state="to_accept", lines=1, quantity=1)["ids"]
    sandbox.control("mirakl/faults", kind="slow", operation="OR21", delay_s=0.3, count=12)

    with shell.started("run", "mirakl", "orders-accept") as running:
        while not sandbox.look("mirakl/state")["accepted"] and running.poll() is None:
            pass
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    accepted_before = len(sandbox.look("mirakl/state")["accepted"])
    said = shell.call("run", "mirakl", "orders-accept", "--json")

    assert running.returncode == 130
    assert "goes on with the rest" in err
    assert 0 < accepted_before < 12
    assert said.json["joined"] is True
    assert sorted(sandbox.look("mirakl/state")["accepted"]) == sorted(order_ids)
    assert sandbox.look("mirakl/state")["writes_repeated"] == 0


def test_what_a_marketplace_does_by_itself_can_not_be_run(shell: Shell) -> None:
    shell.add_account_without_acceptance()

    said = shell.call("run", "amazon", "orders-accept")

    assert said.code == 2
    assert "Amazon decides about orders by itself, there is nothing to accept. Its tasks: offers-send" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nobody", "orders-import"], "There is no account named “nobody”"),
        (
            ["mirakl", "orders-invent"],
            "“orders-invent” is not offered by mirakl. Its tasks: offers-send",
        ),
        (["mirakl", "orders-accept", "--recheck"], "“--recheck” means nothing for orders-accept"),
        (["mirakl", "orders-import", "--since", "soon"], "--since: “soon” is neither"),
        (["mirakl", "orders-import", "--channel", "FBA"], "--channel: “FBA” is not known; allowed values: MFN and AFN"),
        (["mirakl", "orders-import", "--strict"], "No such option"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(shell: Shell, words: list[str], sentence: str) -> None:
    shell.add_account()

    said = shell.call("run", *words)

    assert said.code == 2
    assert sentence in said.err
