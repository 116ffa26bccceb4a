"""PrestaShop's XML, to be sent and as it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shops.prestashop.quotas import SINGULAR
from app.shops.prestashop.reads.catalogue import COMBINATION_FIELDS, PRODUCT_FIELDS, SUPPLIER_FIELDS
from app.shops.prestashop.reads.stock import STOCK_FIELDS
from app.shops.prestashop.records import Draft, Record, document, error_codes, records_in
from app.transport.xml import legal, parse
from tests.shops.prestashop.fake_prestashop import TEMPLATES
from tests.shops.prestashop.recordings import Recording, all_recorded, recorded, with_recordings


def read(recording: Recording) -> list[Record]:
    root, _ = parse(recording.body.decode())
    found = records_in(root, plural=recording.resource, singular=SINGULAR[recording.resource])
    assert found is not None
    return found


def read_text(content: str, *, resource: str = "orders") -> list[Record] | None:
    root, _ = parse(f'<?xml version="1.0"?><prestashop>{content}</prestashop>')
    return records_in(root, plural=resource, singular=SINGULAR[resource])


ANSWERS = [
    each
    for each in all_recorded()
    if each.status < 300
    and each.resource in SINGULAR
    and b"<?xml" in each.body
    and "schema=" not in each.target
    and each.method != "DELETE"
]


@pytest.mark.parametrize("recording", ANSWERS, ids=lambda each: each.name)
def test_every_recorded_answer_is_read(recording: Recording) -> None:
    found = read(recording)

    named = recording.target.partition("?")[0].removeprefix("/api/").partition("/")[2]
    asked_for_ids = "display" not in recording.target or "id" in recording.target.split("display=")[1]
    if named:
        assert [each.id for each in found] == [named]
    elif asked_for_ids:
        assert all(each.id for each in found)


@with_recordings
def test_a_list_may_be_empty() -> None:
    assert read(recorded("038")) == []


@with_recordings
def test_a_list_without_fields_has_ids() -> None:
    assert read(recorded("044")) == [Record({"id": "1"})]


@with_recordings
def test_an_order_has_its_fields_and_rows() -> None:
    (order,) = read(recorded("123"))

    assert (order.id, order["reference"], order["total_paid"], order["note"]) == ("8", "CEBFMXHAK", "48.380000", "")
    (row,) = order.rows["order_rows"]
    assert (row["product_id"], row["product_attribute_id"], row["product_quantity"]) == ("1", "1", "2")
    assert row["product_name"] == "T-shirt imprimé colibri (Taille : S - Couleur : Blanc)"
    assert order.fixed == {"shipping_number"}


@with_recordings
def test_a_translated_field_has_its_text() -> None:
    states = {each.id: each["name"] for each in read(recorded("012"))}

    assert (states["2"], states["5"]) == ("Paiement accepté", "Livré")


@with_recordings
def test_several_entities_of_one_call_come_back() -> None:
    assert [(each.id, each["id_order"]) for each in read(recorded("291"))] == [("61", "34"), ("62", "35")]


@with_recordings
def test_what_a_product_computes_is_not_sent_back() -> None:
    (product,) = read(recorded("018"))

    assert {"quantity", "manufacturer_name", "position_in_category"} <= product.fixed


@with_recordings
@pytest.mark.parametrize(
    ("name", "fields"),
    [("018", PRODUCT_FIELDS), ("020", COMBINATION_FIELDS), ("021", STOCK_FIELDS), ("293", SUPPLIER_FIELDS)],
)
def test_what_we_ask_for_is_there_in_a_real_shop(name: str, fields: tuple[str, ...]) -> None:
    record = read(recorded(name))[0]

    assert set(fields) <= record.fields.keys()


@with_recordings
@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("018", "products"),
        ("020", "combinations"),
        ("021", "stock_availables"),
        ("293", "product_suppliers"),
        ("295", "taxes"),
        ("296", "tax_rules"),
        ("123", "orders"),
        ("135", "order_carriers"),
        ("153", "order_histories"),
        ("015", "carriers"),
    ],
)
def test_the_shop_of_the_tests_has_no_field_that_a_real_one_has_not(name: str, resource: str) -> None:
    record = read(recorded(name))[0]

    assert set(TEMPLATES[resource]) <= record.fields.keys()


def test_an_absent_field_is_empty_and_an_absent_flag_is_off() -> None:
    record = Record({"active": "1", "deleted": "0"})

    assert (record["nothing"], record.id) == ("", "")
    assert [record.is_on(name) for name in ("active", "deleted", "nothing")] == [True, False, False]


def test_a_text_in_many_languages_is_the_first_that_is_there() -> None:
    found = read_text("<order><name><language id='1'> </language><language id='2'>Lamp</language></name></order>")

    assert found == [Record({"name": "Lamp"})]


def test_an_answer_with_neither_is_none() -> None:
    assert read_text("<errors><error><code>85</code></error></errors>") is None
    assert read_text("<carts><cart><id>1</id></cart></carts>") is None


def test_errors_are_read_with_their_codes() -> None:
    root, _ = parse(
        '<?xml version="1.0"?><prestashop><errors><error><code> 85 </code><message>a -&gt; b</message></error>'
        "<error><code>x</code></error></errors></prestashop>"
    )

    assert error_codes(root) == [(85, "a -> b"), (0, "")]


def test_a_draft_is_written_with_its_rows() -> None:
    draft = Draft(
        fields={"id_customer": "3", "gift_message": "a & b < c"},
        rows={("cart_rows", "cart_row"): [{"id_product": "1", "quantity": "2"}, {"id_product": "2", "quantity": "1"}]},
    )

    content = document("cart", [draft]).decode()

    assert content.startswith("<?xml")
    assert "<gift_message>a &amp; b &lt; c</gift_message>" in content
    (back,) = records_in(parse(content)[0], plural="carts", singular="cart") or []
    assert back == Record(dict(draft.fields), {"cart_rows": list(draft.rows["cart_rows", "cart_row"])})


def test_several_drafts_go_in_one_call() -> None:
    content = document("specific_price", [Draft(fields={"price": "1"}), Draft(fields={"price": "2"})]).decode()

    found = records_in(parse(content)[0], plural="specific_prices", singular="specific_price") or []
    assert [each["price"] for each in found] == ["1", "2"]


@given(text=st.text())
def test_any_text_can_be_written_and_read_back(text: str) -> None:
    content = document("address", [Draft(fields={"lastname": text})]).decode()

    (back,) = records_in(parse(content)[0], plural="addresses", singular="address") or []

    assert back["lastname"] == legal(text).replace("\r\n", "\n").replace("\r", "\n").strip()


@pytest.mark.parametrize(
    ("wanted", "agrees"),
    [
        ({}, True),
        ({"amount": "3.5"}, True),
        ({"amount": "3.50", "note": "seen"}, True),
        ({"amount": "3.51"}, False),
        ({"note": "Seen"}, False),
        ({"other": ""}, True),
        ({"other": "0"}, False),
    ],
)
def test_a_record_agrees_with_what_was_written_by_value(wanted: dict[str, str], agrees: bool) -> None:
    assert Record({"amount": "3.500000", "note": "seen"}).agrees(wanted) is agrees
