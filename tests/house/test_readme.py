"""The README names what there is, so that nothing has to be guessed."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from app.api.cron import CronQuery
from app.cli.root import commands
from app.domain.message import message
from app.domain.reasons import NEEDS_PERSON, REASONS
from app.domain.task import ACTIVE, RunStatus
from app.domain.wording import Reader, say
from app.marketplaces.registry import PLATFORMS
from app.settings import Settings
from app.shops.registry import SHOPS
from app.tasks import TASKS
from app.tasks.settings import AccountSettings
from tests.api.service import description
from tests.house.files import README, ROOT

TEXT = README.read_text()
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
CRON = "/cron/{account}/{task}"


def missing(words: list[str], *, text: str = TEXT) -> list[str]:
    """Return the words that are nowhere set as code."""
    code = " ".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    return [word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", code)]


def test_it_names_every_task_and_parameter_of_the_cron_urls() -> None:
    parameters = {"token", *CronQuery.model_fields, *(name for task in TASKS.values() for name in task.parameters)}

    assert missing([CRON, *TASKS, *sorted(parameters)]) == []


def test_the_report_that_it_shows_is_worded_as_reports_are() -> None:
    [report] = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    [shown] = json.loads(report)["problems"]
    said = say(message(shown["code"], sku=shown["sku"]), Reader("en"))

    assert (shown["message"], shown["fix"]) == (said.message, said.fix)


def test_it_explains_every_status_of_a_run() -> None:
    rows = re.findall(r"^\| (`[a-z`, ]+`) \| (\d{3})", TEXT, re.MULTILINE)
    codes = {status: code for names, code in rows for status in re.findall("[a-z]+", names)}

    assert codes == {
        **{str(status): "200" for status in RunStatus},
        **{str(status): "202" for status in ACTIVE},
        "failed": "500",
    }


def test_it_explains_every_http_code_of_the_cron_urls() -> None:
    reported = set(re.findall(r"(?<=[| ])\d{3}(?=[ ,])", " ".join(re.findall(r"^\|.*", TEXT, re.MULTILINE))))

    assert {code for method in description()["paths"][CRON].values() for code in method["responses"]} <= reported


def test_it_says_of_every_reason_whether_a_person_has_to_act() -> None:
    lists = re.findall(r"^\* These (need a person|settle by themselves):((?: *`[A-Z_]+`\n?)+)", TEXT, re.MULTILINE)
    reported = {kind: set(re.findall("[A-Z_]+", codes)) for kind, codes in lists}

    assert reported == {
        "need a person": NEEDS_PERSON,
        "settle by themselves": REASONS - NEEDS_PERSON,
    }


def test_it_names_every_setting_of_an_account() -> None:
    assert missing(list(AccountSettings.model_fields)) == []


@pytest.mark.parametrize("name", PLATFORMS)
def test_it_names_every_platform_and_what_is_needed_to_reach_it(name: str) -> None:
    assert missing([f"--platform {name}", *PLATFORMS[name].config.model_fields]) == []


@pytest.mark.parametrize("name", SHOPS)
def test_it_names_every_kind_of_shop_and_what_is_chosen_for_it(name: str) -> None:
    assert missing([f"--kind {name}", *SHOPS[name].config.model_fields]) == []


def test_it_names_every_command() -> None:
    assert missing(list(paths_of(typer.main.get_command(commands), "marketcron"))) == []


def test_it_names_no_command_that_does_not_exist() -> None:
    known = set(paths_of(typer.main.get_command(commands), "marketcron"))
    named = set(
        re.findall(r"(?<![\w/-])marketcron (?:account|shop) [a-z-]+|(?<=[`/ ])marketcron [a-z]+(?=[` ])", code())
    )

    unknown = {each for each in named if each not in known and not any(path.startswith(f"{each} ") for path in known)}
    assert unknown - {"marketcron marketcron"} == set()


def test_it_names_every_address_of_the_service() -> None:
    assert missing(list(description()["paths"])) == []


def test_every_setting_and_reason_it_names_exists() -> None:
    named = set(re.findall(r"(?<![\w-])[A-Z]+(?:_[A-Z]+)+(?![\w-])", code()))

    known = {name.upper() for name in Settings.model_fields} | REASONS
    assert named - known == {"ADDRESS_OF_THIS_REPOSITORY"}


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_lines_for_a_crontab_are_the_recommended_ones(name: str) -> None:
    lines = re.findall(rf"^(.*\*)  curl .*/cron/{name}[a-z-]*/([a-z-]+)\?token=…(?:&([a-z]+)=1)?'$", TEXT, re.MULTILINE)

    assert {(task, mode or None): " ".join(times.split()) for times, task, mode in lines} == {
        (task, mode): times for task in PLATFORMS[name].tasks for mode, times in TASKS[task].plan.items()
    }


@pytest.mark.parametrize("text", [TEXT, GUIDE], ids=["README.md", "CONTRIBUTING.md"])
def test_every_file_that_is_linked_or_named_is_there(text: str) -> None:
    linked = re.findall(r"\]\((?!http|#)([^)]+)\)", text)
    named: list[str] = re.findall(r"`((?:app|tests|alembic)/[\w/.]+)`", text)

    assert [path for path in [*linked, *named] if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("text", [TEXT, GUIDE], ids=["README.md", "CONTRIBUTING.md"])
def test_every_target_of_make_that_is_named_exists(text: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:[`\n]|&& )make ([a-z-]+)", text)) <= targets


def code() -> str:
    """Return what the README sets as code."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", TEXT, re.DOTALL))


def paths_of(command: Any, name: str) -> Iterator[str]:
    """Yield the full name of every command below this one."""
    below: dict[str, Any] = getattr(command, "commands", {})
    if not below:
        yield name
    for word in below:
        _, each, _ = command.resolve_command(typer.Context(command), [word])
        yield from paths_of(each, f"{name} {word}")
