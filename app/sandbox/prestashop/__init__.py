"""A PrestaShop, from the side of its Webservice and, by the control API, of its back office.

app.py ─► webservice/ (keys, queries, XML and JSON, validation) ─► rules/ (prices, orders, states, stock) ─► tables/
installation/ fills the tables of a new shop · account.py is what tests drive and compare with
"""

from app.sandbox.prestashop.app import PrestaShop

__all__ = ["PrestaShop"]
