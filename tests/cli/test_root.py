import pytest

from tests.cli.shell import Shell

COMMANDS = ("serve", "demo", "sandbox", "migrate", "run", "urls", "status", "account", "shop")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    said = shell.call(command, "--help")

    assert said.code == 0
    assert said.out.startswith("Usage: ")


def test_the_module_is_the_command(shell: Shell) -> None:
    process = shell.start("--version")
    out, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "")
    assert out.strip()


def test_settings_that_cannot_be_used_are_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_SPEED", "fast")

    said = shell.call("urls")

    assert said.code == 2
    assert "CLOCK_SPEED" in said.err


def test_the_admin_token_is_told_once_to_whoever_comes_first(shell: Shell) -> None:
    first, second = shell.call("account", "list"), shell.call("account", "list")

    token = (shell.folder / "data" / "admin.token").read_text().strip()
    assert token in first.err
    assert token not in first.out + second.out + second.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["invent"], "No such command 'invent'"),
        (["serve", "--port", "70000"], "Invalid value for '--port'"),
        (["serve", "--host", "256.0.0.1"], "Can't listen on 256.0.0.1"),
        (["sandbox", "--speed", "0"], "Invalid value for '--speed'"),
        (["demo", "--twice"], "No such option"),
    ],
)
def test_bad_usage_is_a_sentence_and_exit_code_2(shell: Shell, words: list[str], sentence: str) -> None:
    said = shell.call(*words)

    assert said.code == 2
    assert sentence in said.err
