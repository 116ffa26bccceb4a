"""Accounts and shops, and how they are connected. Knows the registries, no single adapter.

accounts.py       accounts as people handle them: added, tested, changed, removed; their cron tokens
shops.py          shops as people handle them
connections.py    connecting an account and its shop for a run, a shop for a person; connection tests
names.py          what an account or a shop may be called
sealed_config.py  configurations as the database keeps them: encrypted
"""

from app.accounts.accounts import Accounts, Added
from app.accounts.connections import Connections
from app.accounts.sealed_config import read_sealed
from app.accounts.shops import Shops

__all__ = ["Accounts", "Added", "Connections", "Shops", "read_sealed"]
