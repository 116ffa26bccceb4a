"""Access to the Webservice: key, shop, resource and verb, in the order in which PrestaShop checks them."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from app.sandbox.prestashop.errors import Fault, Refusal, refuse
from app.sandbox.prestashop.shop import SECOND_SHOP, SHOP_ID, Key, Shop
from app.sandbox.prestashop.tables import RESOURCES, WITHOUT_ROWS
from app.sandbox.prestashop.tables.schema import VERBS, Resource
from app.sandbox.prestashop.tables.versions import as_of
from app.sandbox.prestashop.webservice.nearest import did_you_mean

KEY_LENGTH = 32
_MULTISHOP_GONE = ("supply_order", "warehouse_product_locations")


class KeyMissing(Exception):
    """No key was sent: 401 in plain text."""


class WrongShop(Exception):
    """A shop that does not exist: PrestaShop goes to its front page."""


class UnknownKey(Refusal):
    """Refused before the key was known, so the version is not shown."""


@dataclass(frozen=True)
class GrantedCall:
    """A known key, the resource it asks for (None: the root), and the verb."""

    key: Key
    resource: Resource | None
    verb: str


def check_shop(shop: Shop, params: Mapping[str, str]) -> None:
    """Raise WrongShop for an `id_shop` that there is none of."""
    wanted = params.get("id_shop")
    known = {str(SHOP_ID), "all", *([str(SECOND_SHOP)] if shop.switches.second_shop else [])}
    if wanted is not None and wanted not in known:
        raise WrongShop


def authorize(shop: Shop, *, authorization: str | None, params: Mapping[str, str], verb: str, name: str) -> GrantedCall:
    """Return who asks for what; raises KeyMissing or Refusal."""
    text = _key_text(None if shop.switches.lost_authorization else authorization, params)
    if text is None:
        raise KeyMissing
    if not shop.switches.webservice:
        off = "The PrestaShop webservice is disabled. Please activate it in the PrestaShop Back Office"
        raise UnknownKey(503, Fault(22, off))
    key = _known(shop, text)
    if params.get("id_shop") == str(SECOND_SHOP):
        raise refuse(403, 132, "No permission for this shop")
    if not name:
        return GrantedCall(key, None, verb)
    resource = _resource(shop, key, name)
    _check_verb(shop, key, resource, verb)
    return GrantedCall(key, resource, verb)


def rights_of(shop: Shop, key: Key, resource: str) -> frozenset[str]:
    """Return the verbs that a key may use on a resource."""
    may = key.rights.get(resource, frozenset())
    for name in (resource, "*"):
        may -= frozenset(shop.switches.denied.get(name, ()))
    return may if shop.switches.modern else may - {"PATCH"}


def _key_text(authorization: str | None, params: Mapping[str, str]) -> str | None:
    kind, _, credentials = (authorization or "").partition(" ")
    if kind.lower() == "basic":
        try:
            user = base64.b64decode(credentials, validate=True).decode(errors="replace").partition(":")[0]
        except binascii.Error:
            user = ""
        if user:
            return user
    return params.get("ws_key")


def _known(shop: Shop, text: str) -> Key:
    if text == "":
        raise UnknownKey(401, Fault(17, "Authentication key is empty"))
    if len(text) != KEY_LENGTH:
        raise UnknownKey(401, Fault(18, "Invalid authentication key format"))
    key = shop.keys.get(text)
    if key is None or not shop.switches.key_active:
        raise UnknownKey(
            401,
            Fault(20, "Authentification key is not active"),
            Fault(21, "No permission for this authentication key"),
        )
    return key


def _resource(shop: Shop, key: Key, name: str) -> Resource:
    names = sorted(
        each
        for each in (*RESOURCES, *WITHOUT_ROWS)
        if shop.switches.version != "9.0.0" or not each.startswith(_MULTISHOP_GONE)
    )
    if name not in names:
        raise refuse(400, 27, f'Resource of type "{name}" does not exists. {did_you_mean(name, names)}')
    if name not in RESOURCES or not rights_of(shop, key, name):
        raise refuse(401, 26, f'Resource of type "{name}" is not allowed with this authentication key')
    return as_of(shop.switches.version, RESOURCES[name])


def _check_verb(shop: Shop, key: Key, resource: Resource, verb: str) -> None:
    if verb not in VERBS or (verb == "PATCH" and not shop.switches.modern):
        raise refuse(405, 23, f"Method {verb} is not valid")
    if verb not in resource.verbs:
        raise refuse(405, 101, f"Method {verb} is not allowed for the resource {resource.name}")
    if verb not in rights_of(shop, key, resource.name):
        said = f"Method {verb} is not allowed for the resource {resource.name} with this authentication key"
        raise refuse(405, 25, said)
