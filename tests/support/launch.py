"""The service as `python -m app serve` starts it, but with a shorter patience for a marketplace that never answers.

Real time-outs are a minute and more; they are part of what each call declares, not a setting.
"""

import os
import sys

from app.cli import main
from app.marketplaces.mirakl import quotas
from app.transport.operation import Operation

for operation in vars(quotas).values():
    if isinstance(operation, Operation):
        object.__setattr__(operation, "read_timeout_s", float(os.environ["TEST_READ_TIMEOUT_S"]))

if __name__ == "__main__":
    sys.argv[0] = "marketcron"
    main()
