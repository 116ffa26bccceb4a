"""How a task runs: written down, leased, fenced, timed, reported. Knows no marketplace and no shop."""
