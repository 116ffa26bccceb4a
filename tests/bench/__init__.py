"""What the service costs, measured: `make bench`. No tests: what a machine is busy with beside it moves every figure.

    parts.py     the list of parts, read it first
    trigger.py   how long a hit takes, idle and during an import, against a bare route
    imports.py   orders imported a second, and the memory of it
    waits.py     calls through a tight quota, against what its arithmetic allows
    offers.py    100,000 offers sent whole, then one in a hundred
    pipeline.py  orders imported into a PrestaShop whose calls take time

Each part returns figures for a size: `FULL` is what the figures to reach are meant for, `TINY` proves in a few seconds
that the part still works (`test_parts.py`). `python -m tests.bench PART …` measures some of them only.

What runs as a process of its own: `served.py` (the service), `bare.py` (the bare route), `caller.py` (who hits both),
`quota_user.py`. `processes.py` starts them, `figures.py` holds what comes out.
"""
