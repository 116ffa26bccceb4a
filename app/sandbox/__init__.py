"""Local marketplaces that speak the real protocols, for the demo, the tests and the benchmarks.

    control.py ─► accounts.py (what a test may drive) ◄─ <platform>/account.py
    app.py ─► registry.py (one line a platform) ─► <platform>/app.py (the protocol) ─► faults.py, quota.py

Nothing in the sandbox knows the adapters: both sides are written from the contracts alone.
"""

from app.sandbox.app import create_sandbox
from app.sandbox.serve import serve, server_config

__all__ = ["create_sandbox", "serve", "server_config"]
