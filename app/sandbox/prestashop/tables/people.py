"""Customers, their addresses and their groups."""

from collections.abc import Sequence

from app.sandbox.prestashop.tables.schema import Association, Field, Resource, flag, ref

DATES = (Field(name="date_add", kind="date", check="isDate"), Field(name="date_upd", kind="date", check="isDate"))
LONGEST_TEXT = 4_194_303

CUSTOMERS = Resource(
    name="customers",
    node="customer",
    model="Customer",
    description="The shop's customers",
    natural=("email",),
    index=("email",),
    fields=(
        ref("id"),
        ref("id_default_group", "groups"),
        ref("id_lang", "languages", check="isUnsignedId"),
        Field(name="newsletter_date_add", kind="date"),
        Field(name="ip_registration_newsletter"),
        Field(name="last_passwd_gen", kind="date", own=True),
        Field(name="secure_key", check="isMd5", own=True),
        flag("deleted"),
        Field(name="passwd", required=True, size=255, check="isHashedPassword"),
        Field(name="lastname", required=True, size=255, check="isCustomerName"),
        Field(name="firstname", required=True, size=255, check="isCustomerName"),
        Field(name="email", required=True, size=255, check="isEmail"),
        ref("id_gender", check="isUnsignedId"),
        Field(name="birthday", kind="date", default="0000-00-00", check="isBirthDate"),
        flag("newsletter"),
        flag("optin"),
        Field(name="website", check="isUrl"),
        Field(name="company", check="isGenericName"),
        Field(name="siret", check="isGenericName"),
        Field(name="ape", check="isApe"),
        Field(name="outstanding_allow_amount", kind="decimal", check="isFloat"),
        flag("show_public_prices"),
        ref("id_risk", check="isUnsignedInt"),
        ref("max_payment_days", check="isUnsignedInt"),
        flag("active"),
        Field(name="note", size=LONGEST_TEXT),
        flag("is_guest"),
        ref("id_shop", default=1, check="isUnsignedId"),
        ref("id_shop_group", default=1, check="isUnsignedId"),
        *DATES,
        Field(name="reset_password_token", size=40, check="isSha1"),
        Field(name="reset_password_validity", kind="date", check="isDateOrNull"),
    ),
    associations=(Association(name="groups", item="group", api="groups"),),
)

ADDRESSES = Resource(
    name="addresses",
    node="address",
    model="Address",
    description="The addresses of customers, brands and suppliers",
    natural=("id_customer",),
    index=("id_customer",),
    fields=(
        ref("id"),
        ref("id_customer", "customers", check="isNullOrUnsignedId"),
        ref("id_manufacturer", "manufacturers", check="isNullOrUnsignedId"),
        ref("id_supplier", "suppliers", check="isNullOrUnsignedId"),
        ref("id_warehouse", "warehouse", check="isNullOrUnsignedId"),
        ref("id_country", "countries", required=True, check="isUnsignedId"),
        ref("id_state", "states", check="isNullOrUnsignedId"),
        Field(name="alias", required=True, size=32, check="isGenericName"),
        Field(name="company", size=255, check="isGenericName"),
        Field(name="lastname", required=True, size=255, check="isName"),
        Field(name="firstname", required=True, size=255, check="isName"),
        Field(name="vat_number", check="isGenericName"),
        Field(name="address1", required=True, size=128, check="isAddress"),
        Field(name="address2", size=128, check="isAddress"),
        Field(name="postcode", size=12, check="isPostCode"),
        Field(name="city", required=True, size=64, check="isCityName"),
        Field(name="other", size=LONGEST_TEXT, check="isMessage"),
        Field(name="phone", size=32, check="isPhoneNumber"),
        Field(name="phone_mobile", size=32, check="isPhoneNumber"),
        Field(name="dni", size=16, check="isDniLite"),
        flag("deleted"),
        *DATES,
    ),
)

GROUPS = Resource(
    name="groups",
    node="group",
    model="Group",
    description="The groups of customers",
    fields=(
        ref("id"),
        Field(name="reduction", kind="decimal", places=2, check="isFloat"),
        ref("price_display_method", required=True, check="isPriceDisplayMethod"),
        flag("show_prices", default=1),
        *DATES,
        Field(name="name", kind="lang", required=True, size=32, check="isGenericName"),
    ),
)

RESOURCES: Sequence[Resource] = (CUSTOMERS, ADDRESSES, GROUPS)
