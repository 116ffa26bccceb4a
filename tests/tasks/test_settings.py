"""What a merchant may choose for an account."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import BadInput
from app.tasks.settings import AccountSettings, read_settings

START = {"start_from": "2026-01-01T00:00:00Z"}


def test_everything_has_a_default_but_the_start() -> None:
    chosen = read_settings(START)

    assert chosen.start_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert (chosen.accept_when, chosen.when_short, chosen.import_without_stock) == ("in_stock", "leave", True)
    assert (chosen.fulfilled_import, chosen.acceptance_deadline) == ("order", timedelta(hours=24))


def test_every_setting_has_a_sentence() -> None:
    assert [name for name, field in AccountSettings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"start_from": "2026-01-01T00:00:00"}, "start_from", "needs a time zone"),
        ({"start_from": None}, "start_from", "start_from"),
        ({**START, "accept_when": "maybe"}, "accept_when", "in_stock"),
        ({**START, "lookback_days": 0}, "lookback_days", "at least 1"),
        ({**START, "acceptance_deadline_h": 721}, "acceptance_deadline_h", "at most 720"),
        (
            {**START, "anonymous_email_domain": "not a domain"},
            "anonymous_email_domain",
            "characters that can't stand there",
        ),
        ({**START, "timezone": "Europe/Pari"}, "timezone", "“Europe/Pari” is no time zone; write its IANA name"),
        ({**START, "timezone": "Europe"}, "timezone", "such as Europe/Paris or UTC"),
        ({**START, "timezone": "../../etc/passwd"}, "timezone", "is no time zone"),
        ({**START, "timezone": "x" * 65}, "timezone", "at most 64 characters"),
        ({**START, "working_hours": "8-19"}, "working_hours", "write mo-fr 08:00-19:00"),
        ({**START, "sku_from": "isbn"}, "sku_from", "reference, id, ean13 and supplier_reference"),
        ({**START, "sku_prefix": "A\0"}, "sku_prefix", "characters that can't stand there"),
        ({**START, "sku_suffix": "x" * 51}, "sku_suffix", "at most 50 characters"),
        ({**START, "sku_links": {"": "12"}}, "sku_links", "at least 1 character"),
        ({**START, "sku_links": {"LAMP": ""}}, "sku_links", "sku_links.LAMP: must have at least 1"),
        ({**START, "sku_links": {"\ud83d": "12"}}, "sku_links", "characters that can't stand there"),
        ({**START, "sku_links": {str(sku): "12" for sku in range(10_001)}}, "sku_links", "at most 10,000"),
        ({**START, "carriers": "EXPRESS=12"}, "carriers", 'write {"EXPRESS": "12", "*": "7"}'),
        ({**START, "imported_state": "x" * 51}, "imported_state", "at most 50 characters"),
        ({**START, "shipped_states": ["4", ""]}, "shipped_states", "at least 1 character"),
        ({**START, "customer_mode": "friend"}, "customer_mode", "guest and registered"),
        ({**START, "carrier_names": {"X": {"colour": "red"}}}, "carrier_names", "carrier_names.X.colour"),
        ({**START, "colour": "blue"}, "colour", "There is no setting “colour”. The settings are: start_from"),
    ],
)
def test_a_bad_value_names_its_field_and_what_is_allowed(values: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_settings(values)

    assert refusal.value.field == field
    assert said in refusal.value.message


def test_settings_survive_being_kept_as_json() -> None:
    chosen = read_settings({**START, "accept_when": "always", "lookback_days": 9})

    assert read_settings(chosen.model_dump(mode="json")) == chosen


def test_lists_and_objects_can_be_written_in_one_line() -> None:
    settings = read_settings(
        {
            "start_from": "2026-01-31T08:00:00Z",
            "exclude_skus": "LAMP-1, LAMP-2",
            "allowed_networks": "203.0.113.7",
            "carrier_names": '{"Colissimo": {"carrier": "colissimo"}}',
            "shipped_states": "4, 5",
            "sku_links": '{"OLD/1": "12:34"}',
            "carriers": '{"EXPRESS": "4", "*": "7"}',
        }
    )

    assert (settings.exclude_skus, settings.allowed_networks) == (["LAMP-1", "LAMP-2"], ["203.0.113.7"])
    assert settings.carriers_by_name()["Colissimo"].carrier == "colissimo"
    assert (settings.shipped_states, settings.sku_links) == (["4", "5"], {"OLD/1": "12:34"})
    assert settings.carriers == {"EXPRESS": "4", "*": "7"}


def test_ids_of_the_shop_may_be_given_as_numbers() -> None:
    settings = read_settings(
        {**START, "imported_state": 2, "shipped_states": [4, 5], "carriers": {"*": 7}, "sku_links": {"LAMP": 12}}
    )

    assert (settings.imported_state, settings.shipped_states) == ("2", ["4", "5"])
    assert (settings.carriers, settings.sku_links) == ({"*": "7"}, {"LAMP": "12"})


def test_an_account_works_always_until_its_hours_are_set() -> None:
    sunday_night = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    assert read_settings(START).hours.hold(sunday_night)
    assert not read_settings({**START, "working_hours": "mo-fr 08:00-19:00"}).hours.hold(sunday_night)


def test_the_hours_are_those_of_the_time_zone() -> None:
    early = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)

    by_zone = {
        zone: read_settings({**START, "timezone": zone, "working_hours": "08:00-19:00"}).hours.hold(early)
        for zone in ("Europe/Paris", "UTC", "America/New_York")
    }

    assert by_zone == {"Europe/Paris": True, "UTC": False, "America/New_York": False}
    assert read_settings(START).timezone == "Europe/Paris"


def test_a_line_that_is_no_object_is_refused_with_an_example() -> None:
    with pytest.raises(BadInput, match="carrier_names: write"):
        read_settings({"start_from": "2026-01-31T08:00:00Z", "carrier_names": "colissimo"})
