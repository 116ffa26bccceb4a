"""PrestaShop's refusals become ours, by their codes."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CallError, CredentialsRefused, OutcomeUnknown, Refused, RoleMissing, SetupWrong, Unavailable
from app.shops.prestashop.errors import (
    EMAIL_TAKEN,
    MISSING,
    NOT_FOUND,
    header_lost,
    not_ours,
    refusal,
    shop_refuses,
    unknown,
    version_of,
)
from app.shops.prestashop.quotas import SINGULAR, Verb, operation
from app.transport.operation import Answer
from tests.shops.prestashop.fake_prestashop import refusal as refused
from tests.shops.prestashop.recordings import Recording, all_recorded, recorded, with_recordings
from tests.support.sentences import detail_and_fix

VERSION = {"PSWS-Version": "8.2.1"}


def an_answer(status: int, *codes: int, message: str = "", headers: Mapping[str, str] = VERSION) -> Answer:
    body = refused(status, *codes, message=message).content
    return Answer(status=status, headers=headers, body=body, data=body.decode())


def recorded_error(recording: Recording) -> CallError | None:
    verb: Verb = recording.method  # type: ignore[assignment]
    asked = operation(verb, recording.resource, path="")
    text = recording.body.decode()
    return refusal(asked, Answer(status=recording.status, headers=recording.headers, body=recording.body, data=text))


@with_recordings
@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("030", CredentialsRefused, "it saw no key"),
        ("031", CredentialsRefused, "not have 32 characters"),
        ("032", CredentialsRefused, "unknown or switched off"),
        ("033", SetupWrong, "code 27, version 8.2.1"),
        ("034", SetupWrong, "code 32"),
        ("035", SetupWrong, "code 32"),
        ("041", SetupWrong, "version 8.2.1 does not know this call"),
        ("042", Refused, "does not understand our request (code 127)"),
        ("112", OutcomeUnknown, "a fatal error"),
        ("195", OutcomeUnknown, "a fatal error"),
        ("241", SetupWrong, "switched off"),
        ("244", RoleMissing, "may not GET"),
        ("245", RoleMissing, "may not"),
        ("246", SetupWrong, "no shop with the number"),
        ("297", SetupWrong, "code 34"),
    ],
)
def test_a_recorded_refusal_says_what_to_do(name: str, kind: type[CallError], words: str) -> None:
    error = recorded_error(recorded(name))

    assert type(error) is kind
    assert words in error.plain_detail
    assert error.side == "shop"


@with_recordings
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("036", NOT_FOUND),
        ("050", "ADDRESS_REFUSED"),
        ("061", EMAIL_TAKEN),
        ("070", "ADDRESS_REFUSED"),
        ("071", "ADDRESS_REFUSED"),
        ("284", "ADDRESS_REFUSED"),
    ],
)
def test_a_recorded_refusal_of_one_thing_has_its_reason(name: str, reason: str) -> None:
    error = recorded_error(recorded(name))

    assert isinstance(error, Refused)
    assert error.reason == reason


@with_recordings
def test_the_refused_field_is_named_and_never_what_stood_in_it() -> None:
    error = recorded_error(recorded("070"))

    assert error is not None
    assert error.plain_detail == "it refuses the field Address.lastname"


@with_recordings
def test_a_field_that_the_merchant_requires_is_named() -> None:
    error = recorded_error(recorded("284"))

    assert isinstance(error, Refused)
    assert error.params[MISSING]
    assert str(error.params[MISSING]) in error.plain_detail


FAILED = [each for each in all_recorded() if each.status >= 300 and not each.is_json and each.resource in SINGULAR]


@pytest.mark.parametrize("recording", FAILED, ids=lambda each: each.name)
def test_every_recorded_failure_is_one_of_ours_and_repeats_nothing(recording: Recording) -> None:
    error = recorded_error(recording)

    assert error is not None
    assert error.side == "shop"
    assert "<" not in error.plain_detail
    assert "PHP Warning #" not in error.plain_detail


@pytest.mark.parametrize(
    ("verb", "resource", "kind"),
    [
        ("GET", "orders", Unavailable),
        ("PATCH", "orders", Unavailable),
        ("DELETE", "carts", Unavailable),
        ("POST", "orders", OutcomeUnknown),
        ("POST", "customers", OutcomeUnknown),
        ("PATCH", "stock_availables", OutcomeUnknown),
        ("PATCH", "addresses", OutcomeUnknown),
    ],
)
def test_a_500_leaves_open_what_happened(verb: Verb, resource: str, kind: type[CallError]) -> None:
    error = refusal(operation(verb, resource, path=""), an_answer(500))

    assert type(error) is kind


@pytest.mark.parametrize(
    ("verb", "resource", "kind"),
    [
        ("GET", "orders", Unavailable),
        ("PATCH", "orders", OutcomeUnknown),
        ("DELETE", "carts", OutcomeUnknown),
        ("POST", "orders", OutcomeUnknown),
        ("POST", "customers", OutcomeUnknown),
    ],
)
@pytest.mark.parametrize("codes", [(3,), (3, 46)])
def test_a_warning_after_a_write_is_no_reason_to_repeat_it(
    verb: Verb, resource: str, kind: type[CallError], codes: tuple[int]
) -> None:
    error = refusal(operation(verb, resource, path=""), an_answer(500, *codes))

    assert type(error) is kind


def test_a_warning_says_who_has_to_switch_it_off() -> None:
    error = refusal(operation("GET", "orders", path=""), an_answer(500, 3))

    assert error is not None
    assert "Ask its host to switch them off." in detail_and_fix(error)


@pytest.mark.parametrize("status", [200, 201, 429, 408])
def test_other_answers_are_left_to_the_transport(status: int) -> None:
    assert refusal(operation("GET", "orders", path=""), Answer(status=status, headers={}, body=b"")) is None


def test_a_redirection_to_another_address_is_left_to_the_transport() -> None:
    answer = Answer(status=301, headers={"Location": "https://www.shop.example/api/orders"}, body=b"")

    assert refusal(operation("GET", "orders", path=""), answer) is None


@pytest.mark.parametrize("status", [403, 404])
def test_a_page_of_the_host_is_a_matter_of_the_setup(status: int) -> None:
    answer = Answer(status=status, headers={}, body=b"<html>nginx</html>", data="<html>nginx</html>")

    error = refusal(operation("GET", "orders", path=""), answer)

    assert isinstance(error, SetupWrong)


@pytest.mark.parametrize(("verb", "code"), [("PATCH", 92), ("PUT", 92), ("DELETE", 87)])
def test_what_is_gone_can_not_be_written(verb: Verb, code: int) -> None:
    error = refusal(operation(verb, "orders", path=""), an_answer(404, code))

    assert isinstance(error, Refused)
    assert error.reason == NOT_FOUND


def test_a_verb_that_the_host_blocks_says_which_setting_helps() -> None:
    answer = Answer(status=405, headers={}, body=b"<html>blocked</html>", data="<html>blocked</html>")

    error = refusal(operation("PATCH", "orders", path=""), answer)

    assert isinstance(error, SetupWrong)
    assert detail_and_fix(error) == "Its host blocks PATCH. Set verbs=post."


def test_a_key_of_another_shop_says_so() -> None:
    error = refusal(operation("GET", "orders", path=""), an_answer(403, 132))

    assert isinstance(error, RoleMissing)
    assert "Tick the shop on the key" in detail_and_fix(error)


@pytest.mark.parametrize("resource", ["orders", "carts", "addresses"])
def test_a_refused_field_of_an_address_is_the_buyers_matter(resource: str) -> None:
    message = "La propriété Cart-&gt;gift_message n'est pas valide (Zoé Lefèvre)"

    error = refusal(operation("POST", resource, path=""), an_answer(400, 85, message=message))

    assert isinstance(error, Refused)
    assert error.reason == ("ADDRESS_REFUSED" if resource == "addresses" else "SHOP_REFUSED")
    assert error.plain_detail == "it refuses the field Cart.gift_message"


@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        (b"<html><title>Boutique</title></html>", VERSION, SetupWrong),
        (b"", {}, SetupWrong),
        (b"<?xml version='1.0'?><presta", VERSION, Unavailable),
    ],
)
def test_a_good_status_with_another_body_is_an_error(
    body: bytes, headers: Mapping[str, str], kind: type[CallError]
) -> None:
    error = not_ours(operation("GET", "orders", path=""), Answer(status=200, headers=headers, body=body))

    assert type(error) is kind


def test_nobody_knows_what_a_write_without_an_answer_did() -> None:
    error = not_ours(operation("POST", "orders", path=""), Answer(status=201, headers=VERSION, body=b"OK"))

    assert isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize(
    ("reported", "version"), [("8.2.1", "8.2.1"), ("1.7.7.4", "1.7.7.4"), ("0", ""), ("", ""), ("x", "")]
)
def test_the_version_is_reported_once_the_key_is_known(reported: str, version: str) -> None:
    assert version_of(Answer(status=200, headers={"psws-version": reported}, body=b"")) == version


def test_our_own_errors_are_the_shops() -> None:
    asked = operation("GET", "", path="")
    errors = [
        header_lost(asked),
        shop_refuses("SKU_UNKNOWN", "no product", operation="create_order", params={"sku": "A"}),
        unknown("orders.post", "no answer"),
    ]

    assert [each.side for each in errors] == ["shop"] * 3
    assert "E=HTTP_AUTHORIZATION" in detail_and_fix(errors[0])


SECRETS = st.text(alphabet=st.characters(categories=("L", "N")), min_size=12, max_size=30).filter(str.isalpha)


@given(status=st.sampled_from([400, 401, 403, 404, 405, 500, 503]), code=st.integers(0, 150), said=SECRETS)
def test_no_refusal_repeats_what_the_shop_quotes(status: int, code: int, said: str) -> None:
    error = refusal(operation("POST", "addresses", path=""), an_answer(status, code, message=f"XML: {said}"))

    assert error is None or said not in str(error)
