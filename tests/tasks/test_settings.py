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
        ({**START, "lookback_days": 0}, "lookback_days", "greater than or equal to 1"),
        ({**START, "acceptance_deadline_h": 721}, "acceptance_deadline_h", "less than or equal to 720"),
        ({**START, "anonymous_email_domain": "not a domain"}, "anonymous_email_domain", "placeholder address"),
        ({**START, "colour": "blue"}, "colour", "There is no setting 'colour'. The settings are: start_from"),
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
        }
    )

    assert (settings.exclude_skus, settings.allowed_networks) == (["LAMP-1", "LAMP-2"], ["203.0.113.7"])
    assert settings.carriers_by_name()["Colissimo"].carrier == "colissimo"


def test_a_line_that_is_no_object_is_refused_with_an_example() -> None:
    with pytest.raises(BadInput, match="carrier_names: write"):
        read_settings({"start_from": "2026-01-31T08:00:00Z", "carrier_names": "colissimo"})
