import json
import signal
import urllib.request

from tests.cli.shell import Shell


def test_the_sandbox_says_how_to_reach_it(shell: Shell) -> None:
    with shell.started("sandbox", "--port", "0", "--seed", "7", PYTHONUNBUFFERED="1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        url = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(url) as answer:
            reach = json.load(answer)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert url.endswith("/_control/credentials")
    assert reach["mirakl"]["platform"] == "mirakl"
    assert process.returncode == 0
