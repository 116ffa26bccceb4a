"""The Webservice's protocol: what is sent, and what is understood of the answers."""

import asyncio
from urllib.parse import parse_qsl, quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CredentialsRefused, OutcomeUnknown, Refused, RoleMissing, SetupWrong, Unavailable
from app.shops.prestashop.client import IDS_A_CALL, LIST_LENGTH, any_of, askable, lists_of, together
from app.shops.prestashop.records import Draft, Record
from tests.shops.prestashop.fake_prestashop import KEY, NOW, FakePrestashop, a_client, a_setup, answer, refusal
from tests.shops.prestashop.recordings import recorded, with_recordings
from tests.support.aio import run

ORDER = answer("<order><id>9</id><note/></order>")


def query(request: httpx.Request) -> list[tuple[str, str]]:
    return parse_qsl(request.url.query.decode(), keep_blank_values=True)


# Asking.


def test_a_question_is_asked_in_prestashops_words() -> None:
    setup = a_setup(lambda _: answer("<orders/>"))

    found = run(
        setup.client.find(
            "orders",
            display=("id", "date_add"),
            filters={"id": ">[7]", "gift_message": "[mkp:]%"},
            sort="id_ASC",
            limit="0,50",
            dates=True,
            extra=[("sendemail", "0")],
        )
    )

    assert found == []
    (request,) = setup.requests
    assert (request.method, request.url.path) == ("GET", "/api/orders")
    assert query(request) == [
        ("display", "[id,date_add]"),
        ("filter[id]", ">[7]"),
        ("filter[gift_message]", "[mkp:]%"),
        ("sort", "[id_ASC]"),
        ("limit", "0,50"),
        ("date", "1"),
        ("sendemail", "0"),
    ]


def test_the_key_is_the_user_without_a_password() -> None:
    setup = a_setup(lambda _: answer("<orders/>"))

    run(setup.client.find("orders"))

    assert setup.requests[0].headers["Authorization"] == "Basic QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY6"
    assert query(setup.requests[0]) == [("display", "full")]


def test_the_key_travels_in_the_address_where_the_header_is_dropped() -> None:
    setup = a_setup(lambda _: answer("<orders/>"), key_in_address=True, id_shop="3")

    run(setup.client.find("orders"))

    assert query(setup.requests[0])[1:] == [("ws_key", KEY), ("id_shop", "3")]


def test_a_shop_in_a_folder_is_asked_there() -> None:
    setup = a_setup(lambda _: ORDER, url="https://shop.example/fr/")

    run(setup.client.get("orders", "9"))

    assert str(setup.requests[0].url) == "https://shop.example/fr/api/orders/9"


def test_a_host_without_the_rewriting_rule_is_asked_at_the_dispatcher() -> None:
    setup = a_setup(lambda _: ORDER, rewriting=False)

    run(setup.client.get("orders", "9"))

    assert setup.requests[0].url.path == "/webservice/dispatcher.php"
    assert query(setup.requests[0]) == [("url", "orders/9")]


def test_many_values_are_asked_in_lists_each_once() -> None:
    shop = FakePrestashop()
    for number in range(1, 402):
        shop.add("products", number)

    found = run(a_client(shop).find_all("products", name="id", values=[str(n) for n in range(1, 402)] * 2))

    assert [each.id for each in found] == [str(number) for number in range(1, 402)]
    assert shop.calls() == 3


@pytest.mark.parametrize("values", [[], [""], ["a|b", "[", "]", "1,5", "\0", "\ud83d", "a\nb"]])
def test_what_can_not_stand_in_a_list_is_not_asked(values: list[str]) -> None:
    shop = FakePrestashop()

    assert run(a_client(shop).find_all("products", name="reference", values=values)) == []
    assert shop.calls() == 0


@given(values=st.lists(st.text(max_size=80), max_size=300))
def test_lists_hold_every_askable_value_once_and_fit_into_an_address(values: list[str]) -> None:
    lists = list(lists_of(values))

    assert [value for part in lists for value in part] == [each for each in dict.fromkeys(values) if askable(each)]
    assert all(len(part) <= IDS_A_CALL and len(quote(any_of(part))) <= LIST_LENGTH for part in lists if len(part) > 1)


# Understanding.


def test_noise_of_php_before_the_document_is_overheard() -> None:
    noise = b"<br />\n<b>Deprecated</b>: strftime() in /var/www/x.php\n"
    shop = httpx.Response(200, headers=ORDER.headers, content=noise + ORDER.content)

    client = a_client(lambda _: shop)

    assert run(client.get("orders", "9")) == Record({"id": "9", "note": ""})
    assert client.noisy


def test_a_large_answer_is_read_like_a_small_one() -> None:
    shop = FakePrestashop()
    for number in range(1, 3001):
        shop.add("products", number, name="é" * 50)

    found = run(a_client(shop).find("products", sort="id_ASC"))

    assert (len(found), found[0]["name"]) == (3000, "é" * 50)


def test_what_is_not_there_is_none() -> None:
    gone = httpx.Response(404, headers={"PSWS-Version": "8.2.1"})

    assert run(a_client(lambda _: gone).get("orders", "99999")) is None


@pytest.mark.parametrize(
    ("shop", "kind"),
    [
        (httpx.Response(200, text="<html>Ma boutique</html>"), SetupWrong),
        (httpx.Response(404, text="<html>Not Found</html>"), SetupWrong),
        (httpx.Response(301, headers={"Location": "https://www.shop.example/api/orders"}), SetupWrong),
        (answer("<carts/>"), Unavailable),
        (httpx.Response(200, headers={"PSWS-Version": "8.2.1"}, text="<?xml version='1.0'?><pres"), Unavailable),
        (refusal(500, 32, 3, 3), SetupWrong),
        (refusal(503, 22), SetupWrong),
    ],
)
def test_another_answer_is_an_error_of_the_shop(shop: httpx.Response, kind: type[Exception]) -> None:
    with pytest.raises(kind) as error:
        run(a_client(lambda _: shop).find("orders"))

    assert error.value.side == "shop"  # type: ignore[attr-defined]


def test_the_shop_says_its_version_and_its_clock() -> None:
    client = a_client(lambda _: ORDER)
    assert (client.version, client.clock, client.patches) == ("", None, True)

    run(client.get("orders", "9"))

    assert (client.version, client.clock, client.patches) == ("8.2.1", NOW, True)


@pytest.mark.parametrize(
    ("version", "patches"), [("1.6.1.25", False), ("1.7.8.11", False), ("8.0.0", True), ("9.1.0", True), ("odd", True)]
)
def test_patch_is_known_from_version_8_on(version: str, patches: bool) -> None:
    client = a_client(lambda _: ORDER)
    client.version = version

    assert client.patches is patches


# Writing.


def test_an_entity_is_created_from_xml_and_comes_back_with_its_id() -> None:
    setup = a_setup(lambda _: answer("<cart><id>37</id></cart>", status=201))

    made = run(setup.client.add("carts", Draft(fields={"gift_message": "mkp:mirakl:1"})))

    assert made.id == "37"
    (request,) = setup.requests
    assert (request.method, request.url.path) == ("POST", "/api/carts")
    assert request.headers["Content-Type"] == "text/xml"
    assert b"<prestashop><cart><gift_message>mkp:mirakl:1</gift_message></cart></prestashop>" in request.content


def test_fewer_entities_than_were_sent_are_an_unknown_outcome() -> None:
    drafts = [Draft(fields={"price": "1"}), Draft(fields={"price": "2"})]
    client = a_client(lambda _: answer("<specific_price><id>1</id></specific_price>", status=201))

    with pytest.raises(OutcomeUnknown):
        run(client.add_all("specific_prices", drafts))


@pytest.mark.parametrize(
    "shop",
    [
        httpx.Response(500, text="Le panier ne peut être chargé"),
        httpx.Response(500),
        httpx.Response(201, text="<html>"),
        refusal(500, 3),
    ],
)
def test_a_write_without_a_clear_answer_is_never_repeated(shop: httpx.Response) -> None:
    setup = a_setup(lambda _: shop)

    with pytest.raises(OutcomeUnknown):
        run(setup.client.add("orders", Draft(fields={})))

    assert len(setup.requests) == 1


def test_fields_are_changed_and_the_others_left_alone() -> None:
    setup = a_setup(lambda _: ORDER)
    setup.client.version = "8.2.1"

    run(setup.client.change("orders", "9", {"note": "seen"}))

    (request,) = setup.requests
    assert (request.method, request.url.path) == ("PATCH", "/api/orders/9")
    assert b"<order><id>9</id><note>seen</note></order>" in request.content


def test_an_old_shop_gets_everything_back_but_what_it_computes_and_the_state_empty() -> None:
    before = answer(
        "<order><id>9</id><note>old</note><payment>Mirakl</payment><current_state>4</current_state>"
        '<shipping_number notFilterable="true">6A1</shipping_number></order>'
    )
    setup = a_setup(lambda _: before)
    setup.client.version = "1.7.8.11"

    before.headers["PSWS-Version"] = "1.7.8.11"
    run(setup.client.change("orders", "9", {"note": "new"}))

    read, put = setup.requests
    assert (read.method, put.method) == ("GET", "PUT")
    written = b"<order><id>9</id><note>new</note><payment>Mirakl</payment><current_state /></order>"
    assert written in put.content


def test_what_is_gone_is_deleted_already() -> None:
    setup = a_setup(lambda _: refusal(404, 87))

    run(setup.client.drop("carts", "37"))

    assert setup.requests[0].method == "DELETE"


def test_other_refusals_of_a_deletion_are_reported() -> None:
    with pytest.raises(Refused):
        run(a_client(lambda _: refusal(400, 90)).drop("carts", "37"))


@pytest.mark.parametrize("verbs", ["all", "post"])
def test_verbs_that_a_host_blocks_travel_as_post(verbs: str) -> None:
    setup = a_setup(lambda _: ORDER, verbs=verbs)

    run(setup.client.change("orders", "9", {"note": "seen"}))
    run(setup.client.get("orders", "9"))
    run(setup.client.add("orders", Draft(fields={})))

    tunnelled = verbs == "post"
    assert [request.method for request in setup.requests] == ["POST" if tunnelled else "PATCH", "GET", "POST"]
    assert query(setup.requests[0]) == ([("ps_method", "PATCH")] if tunnelled else [])


def test_every_call_takes_a_place_but_the_one_that_makes_an_order() -> None:
    setup = a_setup(lambda _: ORDER)

    run(setup.client.get("orders", "9"))
    run(setup.client.add("orders", Draft(fields={})))
    run(setup.client.change("orders", "9", {}))

    assert setup.busy == [0, 2]


def test_every_write_looks_at_the_lease() -> None:
    setup = a_setup(lambda _: ORDER)

    run(setup.client.get("orders", "9"))
    run(setup.client.add("orders", Draft(fields={})))

    assert setup.lease_checks == [1]


@pytest.mark.parametrize(("remembered", "settled"), [("298", False), ("300", True), ("300.000000", True)])
def test_a_change_without_an_answer_is_read_back(remembered: str, settled: bool) -> None:
    def shop(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            return refusal(500, 3)
        return answer(f"<stock_available><id>20</id><quantity>{remembered}</quantity></stock_available>")

    setup = a_setup(shop)
    change = setup.client.change("stock_availables", "20", {"quantity": "300"})

    if settled:
        assert run(change)["quantity"] == remembered
    else:
        with pytest.raises(OutcomeUnknown):
            run(change)
    assert [request.method for request in setup.requests] == ["PATCH", "GET"]


@pytest.mark.parametrize("gone", [True, False])
def test_a_deletion_without_an_answer_is_read_back(gone: bool) -> None:
    def shop(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            return refusal(500, 3)
        return httpx.Response(404, headers={"PSWS-Version": "8.2.1"}) if gone else answer("<cart><id>37</id></cart>")

    client = a_client(shop)

    if gone:
        run(client.drop("carts", "37"))
    else:
        with pytest.raises((OutcomeUnknown, Unavailable)):
            run(client.drop("carts", "37"))


def test_questions_asked_together_end_together() -> None:
    ended: list[str] = []

    async def slow() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("slow")
        return "never"

    async def fails() -> str:
        raise Unavailable(service="prestashop", operation="orders.get", side="shop")

    with pytest.raises(Unavailable):
        run(together(slow(), fails()))

    assert ended == ["slow"]


def test_no_cookie_is_kept() -> None:
    setup = a_setup(
        lambda _: httpx.Response(200, headers={**ORDER.headers, "Set-Cookie": "a=b"}, content=ORDER.content)
    )

    run(setup.client.get("orders", "9"))
    run(setup.client.get("orders", "9"))

    assert "Cookie" not in setup.requests[1].headers


# Rights.


@with_recordings
def test_the_rights_of_a_key_are_those_the_shop_lists() -> None:
    client = a_client(lambda _: recorded("243").response())

    assert run(client.rights()) == {"orders": frozenset({"get"})}


def no_key_seen(request: httpx.Request) -> httpx.Response:
    """A host that drops the Authorization header."""
    if request.url.params.get("ws_key") == KEY:
        return answer('<api shopName="Test"><orders get="true" put="false"/></api>')
    return httpx.Response(401, text="401 Unauthorized")


def test_a_host_that_drops_the_header_is_found_out() -> None:
    with pytest.raises(SetupWrong) as error:
        run(a_client(no_key_seen).rights())

    assert "its host drops the Authorization header" in error.value.plain_detail


def test_a_wrong_key_is_just_a_wrong_key() -> None:
    setup = a_setup(lambda _: refusal(401, 20, 21))

    with pytest.raises(CredentialsRefused):
        run(setup.client.rights())

    assert len(setup.requests) == 2


def test_a_key_in_the_address_is_asked_once() -> None:
    setup = a_setup(lambda _: httpx.Response(401, text="401 Unauthorized"), key_in_address=True)

    with pytest.raises(CredentialsRefused):
        run(setup.client.rights())

    assert len(setup.requests) == 1


def test_a_page_instead_of_rights_is_a_matter_of_the_setup() -> None:
    with pytest.raises(SetupWrong):
        run(a_client(lambda _: answer("<orders/>")).rights())


def test_a_missing_right_is_named() -> None:
    with pytest.raises(RoleMissing) as error:
        run(a_client(lambda _: refusal(401, 26)).find("tax_rules"))

    assert error.value.plain_detail == "the key may not GET tax_rules"


# Questions asked at once.


def test_questions_asked_at_once_are_answered_in_their_order() -> None:
    shop = FakePrestashop()
    shop.add("products", 1)
    client = a_client(shop)

    async def both() -> list[list[Record]]:
        return await together(client.find("products"), client.find("combinations"))

    products, combinations = run(both())

    assert ([each.id for each in products], combinations) == (["1"], [])


def test_a_question_that_fails_calls_the_others_off() -> None:
    called_off = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            called_off.append("slow")
            raise

    async def failing() -> None:
        raise RoleMissing(service="prestashop", operation="carriers.get", detail="no right")

    with pytest.raises(RoleMissing):
        run(together(slow(), failing()))

    assert called_off == ["slow"]
