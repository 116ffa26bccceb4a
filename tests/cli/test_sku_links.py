import pytest

from tests.cli.shell import RunningSandbox, Shell


def links(shell: Shell) -> dict[str, str]:
    found: dict[str, str] = shell.call("account", "show", "mirakl", "--json").json["settings"]["sku_links"]
    return found


def test_a_sku_is_mapped_and_unmapped_and_the_other_settings_stay(shell: Shell) -> None:
    shell.add_account("mirakl", "--set", "language=fr", "--set", 'sku_links={"OLD": "1"}')

    mapped = shell.call("account", "map-sku", "mirakl", "LAMP/9", "12:34")
    during = links(shell)
    unmapped = shell.call("account", "unmap-sku", "mirakl", "LAMP/9")

    assert (mapped.code, mapped.out) == (0, "LAMP/9 means the product 12:34 now.\n")
    assert during == {"OLD": "1", "LAMP/9": "12:34"}
    assert (unmapped.code, unmapped.out) == (0, "LAMP/9 is linked no more.\n")
    assert links(shell) == {"OLD": "1"}
    assert shell.call("account", "show", "mirakl", "--json").json["settings"]["language"] == "fr"


def test_a_sku_that_is_mapped_anew_says_what_it_meant_before(shell: Shell) -> None:
    shell.add_account()
    shell.call("account", "map-sku", "mirakl", "LAMP-9", "1")

    assert shell.call("account", "map-sku", "mirakl", "LAMP-9", "2").out.startswith(
        "LAMP-9 means the product 2 now (it was 1)."
    )
    assert shell.call("account", "map-sku", "mirakl", "LAMP-9", "2", "--json").json == {
        "sku": "LAMP-9",
        "product": "2",
        "before": "2",
        "retried": [],
    }


def test_orders_that_the_sku_kept_out_are_imported_next(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    (order_id,) = sandbox.control("mirakl/orders", state="to_ship", shape="unknown_sku", sku="LAMP-9", lines=1)["ids"]
    product = sandbox.catalogue().decode().splitlines()[1].split(",")[0]
    shell.call("run", "mirakl", "orders-import")

    said = shell.call("account", "map-sku", "mirakl", "LAMP-9", product)
    done = shell.call("run", "mirakl", "orders-import", "--order-id", order_id, "--json")

    assert f"The next import tries again: {order_id}" in said.out
    assert done.json["counts"]["imported"] == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["map-sku", "nobody", "LAMP", "1"], "There is no account named “nobody”"),
        (["map-sku", "mirakl", "LAMP", ""], "sku_links.LAMP: must have at least 1 character"),
        (["map-sku", "mirakl", "", "1"], "must have at least 1 character"),
        (["unmap-sku", "nobody", "LAMP"], "There is no account named “nobody”"),
        (["unmap-sku", "mirakl", "LAMP"], "The SKU 'LAMP' is linked to no product."),
    ],
)
def test_what_can_be_no_link_is_a_sentence_and_exit_code_2(shell: Shell, words: list[str], sentence: str) -> None:
    shell.add_account()

    said = shell.call("account", *words)

    assert said.code == 2
    assert sentence in said.err
