"""Cron URLs: what may be asked, and the 422 that names it."""

import pytest

from tests.api.service import NAME, Service, body

IMPORT_KNOWS = "channel, detail, doublecheck, dry_run, lang, order_id, recheck, since, slot, strict, token and wait"
ACCEPT_KNOWS = "detail, dry_run, lang, order_id, since, slot, strict, token and wait"


def refusal(service: Service, query: str, *, task: str = "orders-import") -> tuple[int, str, str]:
    """Return code, field and sentence of the answer to a hit with this query."""
    answer = service.get(f"/cron/{NAME}/{task}?{query}", headers={"X-Cron-Token": service.token})
    problem = body(answer)
    return answer.status_code, problem.get("field") or "", problem.get("detail") or ""


def test_an_unknown_parameter_is_422_and_names_the_known_ones(service: Service) -> None:
    assert refusal(service, "recheckk=1") == (
        422,
        "recheckk",
        f"“recheckk” means nothing for orders-import. It knows: {IMPORT_KNOWS}.",
    )


@pytest.mark.parametrize("name", ["recheck", "doublecheck", "channel", "full", "force", "confirm"])
def test_a_parameter_of_another_task_is_422_and_names_those_of_this_one(service: Service, name: str) -> None:
    assert refusal(service, f"{name}=1", task="orders-accept") == (
        422,
        name,
        f"“{name}” means nothing for orders-accept. It knows: {ACCEPT_KNOWS}.",
    )


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "yes", "on"])
def test_a_flag_is_switched_on_by_each_usual_word(service: Service, word: str) -> None:
    assert body(service.hit(recheck=word))["modes"] == ["recheck"]


@pytest.mark.parametrize("word", ["0", "false", "no", "off"])
def test_a_flag_is_left_off_by_each_usual_word(service: Service, word: str) -> None:
    assert body(service.hit(recheck=word))["modes"] == []


@pytest.mark.parametrize("query", ["recheck=", "recheck", "recheck=2", "recheck=maybe", "dry_run=", "strict=%00"])
def test_a_flag_that_is_neither_on_nor_off_is_422(service: Service, query: str) -> None:
    code, _, sentence = refusal(service, query)

    assert (code, sentence.partition(": ")[2]) == (
        422,
        "write 1 to switch it on, 0 (or nothing at all) to leave it off.",
    )


@pytest.mark.parametrize("name", ["since", "channel", "wait", "detail", "slot", "lang"])
def test_an_empty_text_counts_as_not_given(service: Service, name: str) -> None:
    assert service.hit(**{name: ""}).status_code == 200


@pytest.mark.parametrize("query", ["order_id=", "order_id=%20", "order_id=A&order_id="])
def test_an_empty_order_id_never_means_all_orders(service: Service, query: str) -> None:
    assert refusal(service, query)[0] == 422


@pytest.mark.parametrize(
    "since",
    [
        "yesterday",
        "5x",
        "d",
        "-5d",
        "1e3d",
        "999999d",
        "99999d",
        "2026-13-01",
        "1750-01-01",
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-12:00",
        "2027-01-01",
        "%00",
        "5d%00",
        "%D9%A5d",
        "5d" * 5_000,
    ],
)
def test_a_moment_that_makes_no_sense_is_422(service: Service, since: str) -> None:
    assert refusal(service, f"since={since}")[:2] == (422, "since")


@pytest.mark.parametrize(
    ("since", "begins"),
    [
        ("5d", "2026-02-25T12:00:00Z"),
        ("36h", "2026-03-01T00:00:00Z"),
        ("2026-02-25T09:00:00Z", "2026-02-25T09:00:00Z"),
        ("2026-02-25T09:00:00+02:00", "2026-02-25T07:00:00Z"),
        ("2026-02-25T09:00:00 02:00", "2026-02-25T07:00:00Z"),
        ("2026-02-25", "2026-02-25T00:00:00Z"),
    ],
    ids=["days", "hours", "utc", "zone", "a plus that became a blank", "date"],
)
def test_since_sets_the_begin_of_the_window(service: Service, since: str, begins: str) -> None:
    assert body(service.hit(since=since))["window"]["from"] == begins


@pytest.mark.parametrize("wait", ["abc", "-1", "nan", "inf", "1e400", "0x10", "١٢;", "%00"])
def test_a_wait_that_is_no_number_of_seconds_is_422(service: Service, wait: str) -> None:
    assert refusal(service, f"wait={wait}")[:2] == (422, "wait")


def test_a_long_wait_is_capped_and_not_refused(service: Service) -> None:
    assert service.hit(wait="86400").status_code == 200


@pytest.mark.parametrize("channel", ["FBA", "MFN;AFN", "MFN,XXX", "%00"])
def test_an_unknown_channel_is_422_and_names_the_known_ones(service: Service, channel: str) -> None:
    assert refusal(service, f"channel={channel}")[:2] == (422, "channel")


@pytest.mark.parametrize(("channel", "seen"), [("MFN", 2), ("afn", 1), ("MFN,AFN", 3), (" MFN , AFN ", 3)])
def test_channel_restricts_what_is_read(service: Service, channel: str, seen: int) -> None:
    service.make_orders(count=2)
    service.make_orders(count=1, state="shipped", fulfilment="marketplace")

    assert body(service.hit(channel=channel))["counts"]["seen"] == seen


def test_an_unknown_channel_is_said_in_a_sentence(service: Service) -> None:
    assert refusal(service, "channel=FBA")[2] == "channel: “FBA” is not known; allowed values: MFN and AFN."


def test_order_id_may_be_repeated(service: Service) -> None:
    first, second, _ = service.make_orders(count=3)

    assert body(service.hit(order_id=[first, second]))["counts"]["seen"] == 2


def test_the_same_order_id_twice_is_one_order(service: Service) -> None:
    (order_id,) = service.make_orders(count=1)

    assert body(service.hit(order_id=[order_id, order_id]))["counts"]["seen"] == 1


@pytest.mark.parametrize(
    "query",
    ["order_id=%00", "order_id=a%00b", "order_id=a%0Ab", "order_id=" + "x" * 101, "&".join(["order_id=a"] * 101)],
    ids=["nul", "nul inside", "line break", "long", "many"],
)
def test_order_ids_that_can_not_be_are_422(service: Service, query: str) -> None:
    assert refusal(service, query)[0] == 422


def test_ten_megabytes_of_order_id_are_422_in_a_short_answer(service: Service) -> None:
    code, answer = service.get_raw(
        f"/cron/{NAME}/orders-import", query=b"order_id=" + b"x" * 10_000_000, headers={"X-Cron-Token": service.token}
    )

    assert (code, len(answer) < 500) == (422, True)


def test_a_hundred_thousand_parameters_are_422_in_a_short_answer(service: Service) -> None:
    query = "&".join(f"p{number}=1" for number in range(100_000)).encode()

    code, answer = service.get_raw(f"/cron/{NAME}/orders-import", query=query, headers={"X-Cron-Token": service.token})

    assert (code, len(answer) < 500) == (422, True)


@pytest.mark.parametrize(
    ("name", "value", "allowed"), [("lang", "xx", "en and fr"), ("detail", "all", "full and summary")]
)
def test_a_word_outside_a_choice_is_422_and_names_the_choice(
    service: Service, name: str, value: str, allowed: str
) -> None:
    assert refusal(service, f"{name}={value}") == (422, name, f"{name}: allowed values: {allowed}.")


@pytest.mark.parametrize("slot", ["x" * 201, "%00", "a%0Db"])
def test_a_slot_that_can_not_be_stored_is_422(service: Service, slot: str) -> None:
    assert refusal(service, f"slot={slot}")[0] == 422


def test_a_refused_hit_makes_no_run(service: Service) -> None:
    service.hit(foo="1")

    assert service.runs() == []


@pytest.mark.parametrize("name", ["\ufffd\u202e", "<script>", "a\nb", "\U0001f6b2" * 50])
def test_an_odd_parameter_name_is_answered_as_json(service: Service, name: str) -> None:
    answer = service.hit(**{name: "1"})

    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("recheckk=1", "“recheckk” ne veut rien dire pour orders-import."),
        ("recheck=perhaps", "recheck : écrivez 1 pour l'activer"),
        ("since=soon", "since : “soon” n'est ni une date ISO 8601 ni une durée"),
        ("wait=long", "wait : il faut un nombre."),
    ],
)
def test_a_refusal_speaks_the_language_that_is_asked_for(service: Service, query: str, said: str) -> None:
    quoted = said.replace("“", "«\N{NARROW NO-BREAK SPACE}").replace("”", "\N{NARROW NO-BREAK SPACE}»")

    assert refusal(service, f"{query}&lang=fr")[2].startswith(quoted)
