from app.domain.task import Task
from tests.cli.shell import Market, Shell


def test_status_tells_what_ran_and_what_stands_where(shell: Shell, market: Market) -> None:
    market.connect(shell)
    market.control("mirakl/orders", count=2, state="to_ship", lines=1, quantity=1)
    shell.call("run", "mirakl", "orders-import")

    found = shell.call("status", "--json").json

    assert [(each["account"], each["imported"]) for each in found] == [("mirakl", 2)]
    by_task = {task["task"]: task["last_status"] for task in found[0]["tasks"]}
    assert by_task == {task: "done" if task == "orders-import" else None for task in Task}


def test_a_pipe_gets_one_task_a_line(shell: Shell) -> None:
    shell.add_account()

    lines = [line.split("\t") for line in shell.call("status").out.splitlines()]

    assert [line[:3] for line in lines] == [["mirakl", task, "never"] for task in Task]
