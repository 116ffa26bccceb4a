import pytest

from app.sandbox.control_input import ClockRequest, ControlRefused, OrderRequest, json_object, read


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ControlRefused, match="Unknown key 'colour'; the keys are: age, count"):
        read(OrderRequest, {"colour": "red"})


def test_a_wrong_word_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(ControlRefused, match="allowed: 'merchant' or 'marketplace'"):
        read(OrderRequest, {"fulfilment": "me"})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ControlRefused, match="'advance_s' is missing"):
        read(ClockRequest, {})


def test_no_body_is_an_empty_request() -> None:
    assert json_object(b"") == {}


@pytest.mark.parametrize("body", [b"{", b"[]", b"3"])
def test_only_a_json_object_is_a_request(body: bytes) -> None:
    with pytest.raises(ControlRefused):
        json_object(body)
