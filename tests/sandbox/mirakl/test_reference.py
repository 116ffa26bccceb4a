from typing import Any

from tests.sandbox.client import Remote, talk


def answer_of(path: str, **switches: Any) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        await remote.control("mirakl/switches", **switches)
        body: dict[str, Any] = (await remote.get(path)).json()
        return body

    return talk(script)


def test_the_account_names_its_shop() -> None:
    assert answer_of("account")["shop_id"] == 2001


def test_the_account_says_that_it_is_suspended() -> None:
    account = answer_of("account", shop_state="SUSPENDED")

    assert (account["shop_state"], account["suspension_type"]) == ("SUSPENDED", "MANUAL")


def test_the_configuration_follows_the_switches() -> None:
    features = answer_of("platform/configuration", addresses_before_acceptance=True, alternative_carrier=False)[
        "features"
    ]

    assert features["order_workflows"]["shipping_and_billing_details_before_acceptance"] is True
    assert features["disable_seller_alternative_carrier"] is True


def test_the_configuration_says_what_prices_may_look_like() -> None:
    switches = {"channel_pricing": True, "scheduled_pricing": True, "discount_period_required": True}
    features = answer_of("platform/configuration", offer_prices_decimals=3, **switches)["features"]

    assert features["offer_prices_decimals"] == "3"
    assert features["pricing"] == {**switches, "discount_price_creation_in_the_past_blocked": False}


def test_the_version_answers() -> None:
    assert answer_of("version")


def test_shipping_methods_say_where_tracking_is_mandatory() -> None:
    methods = {method["code"]: method["mandatory_tracking"] for method in answer_of("shipping/types")["shipping_types"]}

    assert methods == {"STD": False, "EXP": True, "REL": True, "OPE": False}


def test_a_carrier_may_have_no_standard_code_and_no_link() -> None:
    carriers = answer_of("shipping/carriers")["carriers"]

    assert {
        "code": "lettre_sbx",
        "label": "Lettre suivie de l'Étoile",
        "standard_code": None,
        "tracking_url": None,
    } in carriers
