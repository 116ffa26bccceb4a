import csv
import io

import pytest

from tests.cli.shell import RunningSandbox, Shell

GOOD = "sku,title,ean,price,quantity\nLAMP,Lamp,,12.90,5\n"
BAD_LINE = "CHAIR,Chair,,cheap,5\n"


def test_a_catalogue_is_loaded_and_loading_again_changes_nothing(shell: Shell) -> None:
    file = shell.file("catalogue.csv", GOOD)

    first = shell.call("shop", "load-catalog", "main", file)
    again = shell.call("shop", "load-catalog", "main", file, "--json")

    assert first.out == "1 products added, 0 changed, 0 as they were.\n"
    assert again.json == {"added": 0, "changed": 0, "unchanged": 1, "problems": []}


def test_a_bad_line_is_named_and_nothing_is_loaded(shell: Shell) -> None:
    said = shell.call("shop", "load-catalog", "main", shell.file("catalogue.csv", GOOD + BAD_LINE))

    assert said.code == 2
    assert "line 3, price" in said.err
    assert shell.call("shop", "check", "main").code == 1


def test_the_good_lines_are_loaded_when_that_is_wanted(shell: Shell) -> None:
    file = shell.file("catalogue.csv", GOOD + BAD_LINE)

    said = shell.call("shop", "load-catalog", "main", file, "--partial", "--json")

    assert said.code == 0
    assert (said.json["added"], said.json["problems"][0]["line"]) == (1, 3)


def test_a_shop_is_added_listed_and_checked(shell: Shell) -> None:
    assert shell.call("shop", "add", "second", "--kind", "embedded").code == 0

    assert [shop["shop"] for shop in shell.call("shop", "list", "--json").json] == ["main", "second"]
    said = shell.call("shop", "check", "second", "--json")
    assert (said.code, said.json["ok"]) == (1, False)


def test_an_empty_shop_lists_no_orders(shell: Shell) -> None:
    assert shell.call("shop", "orders", "main", "--json").json == []
    assert shell.call("shop", "orders", "main").out == ""


def test_orders_are_listed_with_addresses_only_on_demand(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/orders", count=3, state="to_ship", lines=2, quantity=1)
    shell.call("run", "mirakl", "orders-import")

    plain = shell.call("shop", "orders", "main", "--json").json
    full = shell.call("shop", "orders", "main", "--json", "--addresses").json

    assert len(plain) == 3
    assert "customer" not in plain[0]
    assert full[0]["customer"]["last_name"]
    rows = list(csv.DictReader(io.StringIO(shell.call("shop", "orders", "main", "--csv").out)))
    assert len(rows) == sum(len(order["lines"]) for order in plain)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "second", "--kind", "nothing"], "There is no kind of shop named “nothing”"),
        (["add", "main", "--kind", "embedded"], "A shop named “main” exists already"),
        (["add", "second", "--kind", "embedded", "--set", "url=x"], "url"),
        (["check", "nowhere"], "There is no shop named “nowhere”"),
        (["orders", "nowhere"], "There is no shop named “nowhere”"),
        (["orders", "main", "--json", "--csv"], "exclude each other"),
        (["load-catalog", "main", "nofile.csv"], "nofile.csv"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(shell: Shell, words: list[str], sentence: str) -> None:
    said = shell.call("shop", *words)

    assert said.code == 2
    assert sentence in said.err
