"""Addresses that can't be called are refused where they are configured, and secrets stay encrypted or at home."""

import pytest

from app.web_address import base_address, is_loopback, is_secure, web_address


@pytest.mark.parametrize(
    "text", ["https://shop.example", "http://127.0.0.1:9000/mirakl", "https://[::1]:1/", "https://shop.example:65535/a"]
)
def test_a_host_and_a_port_that_can_be_called_are_a_web_address(text: str) -> None:
    assert web_address(text).geturl() == text
    assert base_address(text).geturl() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop.example",
        "https://",
        "ftp://shop.example",
        "https://a shop.example",
        "https://shop.example:0",
        "https://shop.example:99999",
        "https://shop.example:port",
        "https://[::1",
    ],
)
def test_what_can_not_be_called_is_no_web_address(text: str) -> None:
    with pytest.raises(ValueError):
        web_address(text)


@pytest.mark.parametrize("odd", ["me@", "me:hunter2@", ":hunter2@"])
def test_paths_are_not_added_behind_a_user_or_a_password(odd: str) -> None:
    with pytest.raises(ValueError):
        base_address(f"https://{odd}shop.example")


@pytest.mark.parametrize("odd", ["?", "?a=1", "#", "#top"])
def test_paths_are_not_added_behind_a_query_or_a_fragment(odd: str) -> None:
    with pytest.raises(ValueError):
        base_address(f"https://shop.example/{odd}")


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_known_by_its_names_and_numbers(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "notlocalhost", "localhost.example", "127.0.0.1.example", "10.0.0.1", "0.0.0.0"])
def test_another_machine_is_not_taken_for_this_one(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("text", "secure"),
    [("https://shop.example", True), ("http://a.localhost:8000", True), ("http://shop.example", False)],
)
def test_a_secret_travels_encrypted_or_not_at_all(text: str, secure: bool) -> None:
    assert is_secure(web_address(text)) is secure
