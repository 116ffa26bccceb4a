"""What the shop's Webservice serves: the resources that have rows here, and the names of all there are."""

from app.sandbox.prestashop.tables.resource_file import read_resources
from app.sandbox.prestashop.tables.rows import Database, Row, Table
from app.sandbox.prestashop.tables.schema import Resource

# What exists in every shop and has no rows in this one: no key of the sandbox has a right to it.
RESOURCES, WITHOUT_ROWS = read_resources()

__all__ = ["RESOURCES", "WITHOUT_ROWS", "Database", "Resource", "Row", "Table"]
