import pytest

from app.cli import output, status, table
from app.domain.task import Task
from tests.cli.shell import RunningSandbox, Shell


def test_status_says_what_ran_and_what_stands_where(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    sandbox.control("mirakl/orders", count=2, state="to_ship", lines=1, quantity=1)
    shell.call("run", "mirakl", "orders-import")

    found = shell.call("status", "--json").json

    assert [(each["account"], each["imported"]) for each in found] == [("mirakl", 2)]
    by_task = {task["task"]: task["last_status"] for task in found[0]["tasks"]}
    assert by_task == {task: "done" if task == "orders-import" else None for task in Task}


def test_a_pipe_gets_one_task_a_line(shell: Shell) -> None:
    shell.add_account()

    lines = [line.split("\t") for line in shell.call("status").out.splitlines()]

    assert [line[:3] for line in lines] == [["mirakl", task, "never"] for task in Task]


def test_a_person_reads_below_the_table_what_a_scarce_quota_was_used_for(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (output, status, table):
        monkeypatch.setattr(module, "for_a_person", lambda: True)
    shell.add_account()
    shell.add_account_without_acceptance("amazon-eu")

    *_, last = shell.call("status").out.splitlines()

    assert last == "amazon-eu: 0 orders a day, 0 of 483 searchOrders calls in 24 hours (0 %)"


def test_a_program_reads_quota_and_advice_where_there_is_a_scarce_one(shell: Shell) -> None:
    shell.add_account()
    shell.add_account_without_acceptance("amazon-eu")

    found = {each["account"]: each for each in shell.call("status", "--json").json}

    quota = {"operation": "searchOrders", "calls_24h": 0, "allowed_24h": 483.8, "share": 0.0}
    assert (found["amazon-eu"]["quota"], found["amazon-eu"]["advice"]) == (quota, [])
    assert (found["mirakl"]["quota"], found["mirakl"]["orders_per_day"]) == (None, 0.0)
