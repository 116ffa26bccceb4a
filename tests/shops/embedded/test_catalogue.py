"""Catalogue files: read as spreadsheets write them, refused line by line."""

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import JumpingClock
from app.errors import BadInput
from app.shops.embedded import catalogue as catalogue_module
from app.shops.embedded.catalogue import Catalogue, Problem, load_catalogue, read_catalogue
from app.store import embedded
from app.store.embedded import Product, Saved
from app.store.engine import Store
from tests.shops.builders import NOW
from tests.shops.embedded.under_test import OTHER_SHOP_ID, SHOP_ID, a_product, an_embedded_shop
from tests.support.aio import run

HEADER = "sku;title;ean;price;quantity\n"


def read(text: str | bytes) -> Catalogue:
    return read_catalogue(io.BytesIO(text.encode() if isinstance(text, str) else text))


def products(text: str | bytes) -> list[Product]:
    catalogue = read(text)
    assert catalogue.problems == ()
    assert len(catalogue.products) == len(list(catalogue.products))
    return list(catalogue.products)


def problems(*lines: str) -> tuple[Problem, ...]:
    return read(HEADER + "\n".join(lines)).problems


def load(store: Store, text: str, *, partial: bool = False) -> Saved:
    return run(load_catalogue(store, SHOP_ID, read(text), clock=JumpingClock(NOW), partial=partial))


def shelf(store: Store, shop_id: str = SHOP_ID) -> dict[str, int]:
    held = run(store.read(embedded.products_after, shop_id))
    return {product.sku: product.quantity for product in held}


# What spreadsheets write.


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
def test_separators_line_ends_and_byte_order_marks(separator: str, newline: str, mark: bytes) -> None:
    rows = [["sku", "title", "ean", "price", "quantity"], ["A1", "Été", "", "12.90", "3"]]
    text = newline.join(separator.join(row) for row in rows)

    assert products(mark + text.encode()) == [a_product("A1", title="Été", price="12.90", quantity=3)]


def test_columns_stand_in_any_order_and_others_are_ignored() -> None:
    text = ' Quantity ;"PRICE";weight;SKU;Ean;title;\n3;12.90;1 kg;A1;3600000000016;Lampe;\n'

    assert products(text) == [a_product("A1", title="Lampe", ean="3600000000016", price="12.90", quantity=3)]


def test_blank_lines_are_ignored_wherever_they_are() -> None:
    text = f"\n  \n{HEADER}\n;;;;\nA1;;;1;1\n \nA2;;;1;1\n\n\n"

    assert [product.sku for product in products(text)] == ["A1", "A2"]


def test_quotes_hold_separators_quotes_and_line_ends() -> None:
    text = HEADER + '"A1";"Écran 24""; mat\r\nlarge";;"1,50";"3"\nA2;Écran 24" mat;;1;1\n'

    assert [product.title for product in products(text)] == ['Écran 24"; mat large', 'Écran 24" mat']


def test_a_field_keeps_its_accents_emoji_and_apostrophes() -> None:
    sku, title = "ÉTÉ-d'œil-🎁", "« L'Étoile » 👩‍👧 <b>&"

    assert products(f"{HEADER}  {sku} ; {title} ;;1;1") == [a_product(sku, title=title, price="1.00", quantity=1)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12.90", "12.90"),
        ("12,90", "12.90"),
        ("12", "12.00"),
        ("12.9", "12.90"),
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("007,5", "7.50"),
        ("12.900000", "12.90"),
        ("9999999.99", "9999999.99"),
    ],
)
def test_prices_as_they_are_written(written: str, meant: str) -> None:
    assert [str(product.price) for product in products(f"{HEADER}A1;;;{written};1")] == [meant]


@pytest.mark.parametrize("ean", ["", "96385074", "036000291452", "3600000000016", "10012345678902"])
def test_every_length_of_ean(ean: str) -> None:
    assert [product.ean for product in products(f"{HEADER}A1;;{ean};1;1")] == [ean]


def test_a_header_alone_is_an_empty_catalogue() -> None:
    assert products(HEADER) == []


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    path.write_text(f"{HEADER}A1;;;1;1\n", encoding="utf-8")

    assert len(read_catalogue(path).products) == len(read_catalogue(str(path)).products) == 1


# What is wrong with a line.


def test_a_missing_sku() -> None:
    assert problems("A1;;;1;1", " ;Lampe;;1;1") == (Problem(3, "sku", "is missing"),)


def test_a_sku_that_is_there_twice() -> None:
    assert problems("A1;;;1;1", "A2;;;1;1", "A1;;;2;2", "A1;;;3;3") == (
        Problem(4, "sku", "'A1' is already in line 2"),
        Problem(5, "sku", "'A1' is already in line 2"),
    )


def test_a_sku_in_other_case_is_another_one() -> None:
    assert [product.sku for product in products(f"{HEADER}A1;;;1;1\na1;;;1;1")] == ["A1", "a1"]


def test_a_bad_line_still_takes_its_sku() -> None:
    assert problems("A1;;;x;1", "A1;;;1;1") == (
        Problem(2, "price", "'x' is not a number; write 12.90 or 12,90"),
        Problem(3, "sku", "'A1' is already in line 2"),
    )


def test_a_sku_that_is_too_long() -> None:
    assert problems(f"{'x' * 101};;;1;1") == (Problem(2, "sku", "has 101 characters, at most 100 fit"),)


def test_a_title_that_is_too_long() -> None:
    assert problems(f"A1;{'é' * 501};;1;1") == (Problem(2, "title", "has 501 characters, at most 500 fit"),)


@pytest.mark.parametrize("mark", ["\0", "\x1b", "\x9f"])
def test_a_control_character(mark: str) -> None:
    reason = "holds a control character; type it again"

    assert problems(f"A{mark}1;T{mark}t;;1;1") == (Problem(2, "sku", reason), Problem(2, "title", reason))


def test_a_missing_price() -> None:
    assert problems("A1;;;;1") == (Problem(2, "price", "is missing"),)


@pytest.mark.parametrize("price", ["free", "12.90 €", "1 234,50", "1.234,50", "1e3", "NaN", "+5", ".5", "5.", "１２"])
def test_a_price_that_is_not_a_number(price: str) -> None:
    assert problems(f"A1;;;{price};1") == (Problem(2, "price", f"'{price}' is not a number; write 12.90 or 12,90"),)


def test_a_negative_price() -> None:
    assert problems("A1;;;-0,01;1") == (Problem(2, "price", "'-0,01' is negative"),)


def test_a_price_with_more_than_two_decimals() -> None:
    assert problems("A1;;;12.905;1") == (Problem(2, "price", "'12.905' has more than 2 decimals"),)


def test_a_price_that_is_too_high() -> None:
    reason = "'10000000' is too high, at most 7 digits before the decimals"

    assert problems("A1;;;10000000;1") == (Problem(2, "price", reason),)


def test_a_missing_quantity() -> None:
    assert problems("A1;;;1;") == (Problem(2, "quantity", "is missing"),)


@pytest.mark.parametrize("quantity", ["many", "3.0", "1,5", "+3", "1e3", "٣"])
def test_a_quantity_that_is_not_a_whole_number(quantity: str) -> None:
    assert problems(f"A1;;;1;{quantity}") == (Problem(2, "quantity", f"'{quantity}' is not a whole number"),)


def test_a_negative_quantity() -> None:
    assert problems("A1;;;1;-3") == (Problem(2, "quantity", "'-3' is negative"),)


def test_a_quantity_that_is_too_high() -> None:
    reason = f"'{'9' * 40}…' is too high, at most 9 digits"

    assert problems(f"A1;;;1;{'9' * 5000}") == (Problem(2, "quantity", reason),)


@pytest.mark.parametrize("ean", ["360000000001", "3,6E+12", "abcdefgh", "123456789", "３６００００００００１５"])
def test_an_ean_that_is_not_one(ean: str) -> None:
    found = problems(f"A1;;{ean};1;1")

    assert [(each.line, each.column) for each in found] == [(2, "ean")]


def test_an_ean_of_a_wrong_length() -> None:
    reason = "'123456789' is not 8, 12, 13 or 14 digits; format the column as text in your spreadsheet"

    assert problems("A1;;123456789;1;1") == (Problem(2, "ean", reason),)


def test_an_ean_with_a_wrong_check_digit() -> None:
    reason = "'3600000000015' has a wrong check digit, 6 would be right"

    assert problems("A1;;3600000000015;1;1") == (Problem(2, "ean", reason),)


def test_every_fault_of_a_line_is_named() -> None:
    assert [problem.column for problem in problems(";;x;x;x")] == ["sku", "ean", "price", "quantity"]


def test_an_undecodable_byte() -> None:
    raw = f"{HEADER}A1;Lampe;;1;1\n".encode() + "A2;Été;;1;1\n".encode("latin-1")
    reason = "holds the byte 0xC9, which is not UTF-8; save the file as UTF-8"

    assert read(raw).problems == (Problem(3, "title", reason),)


def test_too_few_fields() -> None:
    reason = "has 3 fields, the header has 5; put quotes around a text or price with a separator"

    assert problems("A1;Lampe;1") == (Problem(2, "", reason),)


def test_a_decimal_comma_without_quotes_in_a_comma_file() -> None:
    reason = "has 6 fields, the header has 5; put quotes around a text or price with a separator"

    assert read("sku,title,ean,price,quantity\nA1,,,12,90,3\n").problems == (Problem(2, "", reason),)


def test_quotes_that_close_too_early() -> None:
    reason = 'a field begins with a quote that is not closed before the separator; write "" for a quote inside'
    found = read(f'{HEADER}A1;"Étoile" du Nord;;1;1\nA2;;;1;1\n')

    assert found.problems == (Problem(2, "", reason),)
    assert [product.sku for product in found.products] == ["A2"]


def test_quotes_that_never_close_name_the_lines_they_swallow() -> None:
    (found,) = problems("A1;;;1;1", 'A2;"Lampe;;1;1', "A3;;;1;1", "A4;;;1;1")

    assert (found.line, found.column) == (3, "")
    assert found.reason.endswith("lines 3 to 5 can't be read")


def test_lines_are_counted_as_in_an_editor() -> None:
    text = f'\n{HEADER}\nA1;"two\nlines";;1;1\n\nA2;;;x;1\n'

    assert [problem.line for problem in read(text).problems] == [7]


# What is wrong with the file.


def test_an_empty_file() -> None:
    (found,) = read("").problems

    assert found == Problem(
        1, "", "the file is empty; its first line must name the columns sku, title, ean, price, quantity"
    )


def test_a_file_without_header() -> None:
    (found,) = read("A1;Lampe;;12.90;3\n").problems

    assert found == Problem(
        1, "", "the header is missing; the first line must name the columns sku, title, ean, price, quantity"
    )


def test_a_header_that_lacks_columns() -> None:
    assert read("sku;title;price\n").problems == (Problem(1, "ean", "the header lacks ean, quantity"),)


def test_a_header_that_names_a_column_twice() -> None:
    assert read("sku;title;ean;price;quantity;Price\n").problems == (
        Problem(1, "price", "the header names this column twice"),
    )


def test_a_file_in_utf_16() -> None:
    assert read(HEADER.encode("utf-16")).problems == (Problem(1, "", "the file is saved as UTF-16; save it as UTF-8"),)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read_catalogue(tmp_path / "nowhere.csv")


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_module, "LARGEST_FILE_BYTES", 20)

    with pytest.raises(BadInput, match="Split it"):
        read(HEADER)


@given(
    st.binary(max_size=300) | st.text(alphabet='aA1;,\t"\r\n.\0é', max_size=200).map(lambda t: (HEADER + t).encode())
)
def test_no_file_breaks_the_reader(raw: bytes) -> None:
    found = read(raw)

    bad_lines = {problem.line for problem in found.problems}
    skus = [product.sku for product in found.products]
    assert len(skus) == len(set(skus)) == len(found.products)
    assert bad_lines <= set(range(1, raw.count(b"\n") + raw.count(b"\r") + 2))


# Loading.


def test_loading_counts_what_it_did(store: Store) -> None:
    an_embedded_shop(store, stock={})
    first = load(store, f"{HEADER}A1;a;;1;1\nA2;b;;2;2\nA3;c;;3;3\n")

    second = load(store, f"{HEADER}A1;a;;1;1\nA2;b;;2;20\nA4;d;;4;4\n")

    assert first == Saved(added=3, changed=0, unchanged=0)
    assert second == Saved(added=1, changed=1, unchanged=1)
    assert shelf(store) == {"A1": 1, "A2": 20, "A3": 3, "A4": 4}
    assert shelf(store, OTHER_SHOP_ID) == {}


def test_nothing_is_loaded_when_a_line_is_bad(sqlite_store: Store) -> None:
    an_embedded_shop(sqlite_store, stock={"A1": 7})

    with pytest.raises(BadInput, match=r"2 lines .* nothing was loaded\. First line 3, price: 'x' is not a number"):
        load(sqlite_store, f"{HEADER}A1;a;;1;1\nA2;b;;x;2\nA3;b;;1;x\n")

    assert shelf(sqlite_store) == {"A1": 7}


def test_the_good_lines_are_loaded_when_that_is_asked_for(sqlite_store: Store) -> None:
    an_embedded_shop(sqlite_store, stock={})

    saved = load(sqlite_store, f"{HEADER}A1;a;;1;1\nA2;b;;x;2\nA1;b;;1;9\nA3;c;;3;3\n", partial=True)

    assert saved == Saved(added=2, changed=0, unchanged=0)
    assert shelf(sqlite_store) == {"A1": 1, "A3": 3}


def test_a_file_without_header_loads_nothing_even_in_part(sqlite_store: Store) -> None:
    an_embedded_shop(sqlite_store, stock={})

    assert load(sqlite_store, "A1;Lampe;;12.90;3\n", partial=True) == Saved(added=0, changed=0, unchanged=0)


def test_a_catalogue_larger_than_a_batch_is_loaded_whole(store: Store) -> None:
    an_embedded_shop(store, stock={})
    size = catalogue_module.BATCH * 2 + 1
    text = HEADER + "".join(f"SKU-{number};Lampe {number};;12,90;{number}\n" for number in range(size))

    assert load(store, text) == Saved(added=size, changed=0, unchanged=0)
    assert load(store, text) == Saved(added=0, changed=0, unchanged=size)
    assert run(store.read(embedded.product_count, SHOP_ID)) == size


def test_reading_keeps_no_products_in_memory() -> None:
    size = 5_000
    raw = (HEADER + "".join(f"SKU-{number};{'Lampe ' * 20};;12,90;3\n" for number in range(size))).encode()
    tracemalloc.start()
    found = read(raw)
    counted = sum(1 for _ in found.products)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert counted == size
    # What grows with the file: the bytes themselves, and each SKU with its line.
    assert peak < 2 * len(raw) + 300 * size
