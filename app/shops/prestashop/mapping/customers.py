"""Who bought, as the fields of PrestaShop's customer. Pure."""

import re

from app.domain.order import Address, Buyer, Order
from app.shops.prestashop.mapping import texts

# The column of 1.6 and 1.7.
EMAIL_LIMIT = 128

# Narrower than every version's own rule: ASCII, a domain of two labels or more, no quotes, no comments.
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_LOCAL_LIMIT = 64


def customer_fields(
    order: Order,
    *,
    email: str,
    placeholder: str,
    guest: bool,
    group_id: str,
    shop_id: str,
    shop_group_id: str,
    language_id: str,
    password: str,
) -> dict[str, str]:
    """Return the fields of a `<customer>`; `placeholder` stands in for an e-mail address that the shop would refuse.

    The buyer where the marketplace names one, else whom it is billed or sent to. `password` in plain text: the shop
    stores its hash. Without the association to the group, which is none of the fields.
    """
    who = _who(order)
    lastname, firstname = texts.person(who.last_name, who.first_name, who.company, name=texts.customer_name)
    return {
        "id_default_group": group_id,
        "id_lang": language_id,
        "id_shop": shop_id,
        "id_shop_group": shop_group_id,
        "is_guest": "1" if guest else "0",
        "active": "1",
        "newsletter": "0",
        "optin": "0",
        "passwd": password,
        "lastname": lastname,
        "firstname": firstname,
        "email": email if takes_email(email) else placeholder,
        "company": texts.generic(who.company),
    }


def takes_email(email: str) -> bool:
    """Return whether every version of PrestaShop takes this e-mail address."""
    local = email.partition("@")[0]
    return len(email) <= EMAIL_LIMIT and len(local) <= _LOCAL_LIMIT and _EMAIL.fullmatch(email) is not None


def _who(order: Order) -> Buyer | Address:
    """Return the first who has a name, or a company; nobody where the marketplace names none."""
    known = [who for who in (order.buyer, order.billing_address, order.shipping_address) if who]
    named = [who for who in known if who.last_name.strip() or who.first_name.strip()]
    return next(iter(named or [who for who in known if who.company.strip()]), Buyer(last_name=""))
