"""The service as `python -m app serve` starts it, but with a shorter patience for a side that never answers.

Real time-outs are a minute and more; they are part of what each call declares, not a setting.
"""

import os
import sys

from app.cli import main
from app.marketplaces.mirakl import quotas
from app.shops.prestashop import quotas as shop_quotas
from app.transport.operation import Operation

PATIENCE_S = float(os.environ["TEST_READ_TIMEOUT_S"])

shop_quotas.READ_TIMEOUT_S = shop_quotas.ORDER_POST_TIMEOUT_S = PATIENCE_S
for operation in vars(quotas).values():
    if isinstance(operation, Operation):
        object.__setattr__(operation, "read_timeout_s", PATIENCE_S)

if __name__ == "__main__":
    sys.argv[0] = "marketcron"
    main()
