"""The command line. `root.py` lists the commands, `lazy.py` imports the one that is called.

Exit codes: 0 done, 1 failed, 2 bad usage or input; `run` also has 3 for a run that left something undone.
"""

from app.cli.root import commands


def main() -> None:
    """Run the command that the arguments name."""
    commands(prog_name="marketcron")
