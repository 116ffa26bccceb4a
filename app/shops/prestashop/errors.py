"""PrestaShop's refusals in our words, by their code: texts are in the shop's language and may quote a buyer.

18, 20, 21     key not 32 signs, unknown, inactive        CredentialsRefused
22             webservice switched off                    SetupWrong
25, 26, 132    no right for the verb, resource, shop      RoleMissing
23, 101        verb that the shop does not know           SetupWrong
27 to 38       resource, filter, field, sort unknown      SetupWrong, with status 500 where PHP warns
41, 84, 85     a field missing or not valid               Refused
90 to 127      our own words not understood               Refused: nothing was done
140            e-mail of a customer there is already      Refused, with status 500
2 to 15        a PHP warning became an error              nobody knows, with status 500
500 alone      a fatal error, before or after the effect  nobody knows
"""

import re
from collections.abc import Sequence

from app.domain.message import Message, Params, message
from app.errors import CallError, CredentialsRefused, OutcomeUnknown, Refused, RoleMissing, SetupWrong, Unavailable
from app.shops.prestashop.records import error_codes
from app.transport.operation import Answer, Operation
from app.transport.xml import NotXml, parse

SERVICE = "prestashop"
EMAIL_TAKEN = "EMAIL_TAKEN"
NOT_FOUND = "NOT_FOUND"
# Parameters of a refusal: the field which was not sent, or which was sent and not taken.
MISSING = "missing"
NOT_TAKEN = "not_taken"

_NO_KEY_SEEN = b"401 Unauthorized"
# `Address->lastname`: the one part of a message that is safe to repeat. The shop may escape the sign.
_FIELD = re.compile(r"\b(Address|Customer|Cart|Order|OrderHistory|SpecificPrice|StockAvailable)-(?:>|&gt;)(\w{1,40})")
_PARAMETER = re.compile(r'parameter "(\w{1,40})" required')
_ADDRESS_LIKE = frozenset({"addresses", "customers"})
_WARNINGS = frozenset(range(2, 16))
_QUESTIONS = frozenset(range(27, 39))


def refusal(operation: Operation, answer: Answer) -> CallError | None:
    """Return the error behind an answer, None where the transport's own reading of the status is right."""
    status = answer.status
    if status < 300:
        return None
    if status < 400:
        return _sent_on(operation, answer)
    codes = _codes(answer)
    resource = operation.name.partition(".")[0]
    if status == 401:
        return _key_refused(operation, answer, codes)
    if codes & {25, 26, 132}:
        return _right_missing(operation, answer, codes)
    if 22 in codes:
        return _setup(operation, message("WEBSERVICE_OFF"), status=answer.status)
    if codes & {23, 101} or status == 405:
        return _verb_blocked(operation, answer)
    if 140 in codes:
        return _refused(operation, EMAIL_TAKEN, message("EMAIL_EXISTS"), status=status)
    if status == 404 and operation.method == "GET":
        # A host without the rewriting rule says 404 too, and nothing of PrestaShop's.
        is_prestashop = bool(version_of(answer))
        return (
            _refused(operation, NOT_FOUND, message("RECORD_GONE"), status=status)
            if is_prestashop
            else not_ours(operation, answer)
        )
    if codes & {87, 92}:
        return _refused(operation, NOT_FOUND, message("RECORD_GONE"), status=status)
    if codes & {41, 84, 85}:
        reason = "ADDRESS_REFUSED" if resource in _ADDRESS_LIKE else "SHOP_REFUSED"
        return _refused(operation, reason, _fields(answer), status=status, params=_field(answer))
    if codes & set(range(90, 128)):
        return _refused(operation, "SHOP_REFUSED", message("NOT_UNDERSTOOD", code=_code(codes)), status=status)
    if codes & _QUESTIONS or (status == 400 and codes):
        said = message("QUESTION_REFUSED", code=_code(codes), version=version_of(answer))
        return _setup(operation, said, status=status)
    if status >= 500:
        return _broken(operation, answer, codes)
    if status == 403 and operation.method not in ("GET", "POST"):
        # Filters of hosts know these two alone.
        return _verb_blocked(operation, answer)
    if status == 403:
        said = message("KEPT_OUT")
        return _setup(operation, said, status=status)
    return None


def not_ours(operation: Operation, answer: Answer) -> CallError:
    """Return the error for a good status whose body is none of the Webservice's."""
    if operation.writes and not operation.safe_to_repeat:
        return OutcomeUnknown(
            service=SERVICE, operation=operation.name, detail=message("NO_XML"), status=answer.status, side="shop"
        )
    if b"<html" in answer.body[:5000].lower() or not answer.header("PSWS-Version"):
        return _setup(operation, message("PAGE_ANSWERS"), status=answer.status)
    return Unavailable(
        service=SERVICE, operation=operation.name, detail=message("XML_BROKEN"), status=answer.status, side="shop"
    )


def header_lost(operation: Operation) -> SetupWrong:
    """Return the error for a host that drops the Authorization header: proven by asking with `ws_key`."""
    return _setup(
        operation,
        message("HEADER_DROPPED", line="RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]"),
        status=401,
    )


def shop_refuses(reason: str, detail: Message | str, *, operation: str, params: Params | None = None) -> Refused:
    """Return our own refusal of something the shop would take and spoil."""
    return Refused(service=SERVICE, operation=operation, reason=reason, detail=detail, side="shop", params=params or {})


def setup_wrong(operation: str, detail: Message | str) -> SetupWrong:
    """Return the error for a shop that is not ready to take orders."""
    return SetupWrong(service=SERVICE, operation=operation, detail=detail, side="shop")


def unknown(operation: str, detail: Message | str) -> OutcomeUnknown:
    """Return the error for something that has to be looked at later."""
    return OutcomeUnknown(service=SERVICE, operation=operation, detail=detail, side="shop")


def version_of(answer: Answer) -> str:
    """Return the version that an answer has, empty without one (it is 0 while we are unknown)."""
    version = answer.header("PSWS-Version")
    return version if version[:1].isdecimal() and version != "0" else ""


def _sent_on(operation: Operation, answer: Answer) -> CallError | None:
    # An unknown id_shop is sent on to the shop's home page, with our own question behind it.
    home, _, question = answer.header("Location").partition("?")
    if question.startswith("url=") and not home.endswith(".php"):
        said = message("NO_SUCH_SHOP_NUMBER")
        return _setup(operation, said, status=answer.status)
    return None


def _key_refused(operation: Operation, answer: Answer, codes: set[int]) -> CallError:
    if 26 in codes:
        return _right_missing(operation, answer, codes)
    if answer.body.strip() == _NO_KEY_SEEN:
        detail = message("NO_KEY_SEEN")
    elif 18 in codes:
        detail = message("KEY_LENGTH")
    else:
        detail = message("KEY_UNKNOWN")
    return CredentialsRefused(service=SERVICE, operation=operation.name, detail=detail, status=401, side="shop")


def _right_missing(operation: Operation, answer: Answer, codes: set[int]) -> RoleMissing:
    resource, _, verb = operation.name.partition(".")
    if 132 in codes:
        detail = message("KEY_OF_ANOTHER_SHOP")
    else:
        detail = message("KEY_RIGHT_MISSING", verb=verb.upper(), resource=resource)
    return RoleMissing(service=SERVICE, operation=operation.name, detail=detail, status=answer.status, side="shop")


def _verb_blocked(operation: Operation, answer: Answer) -> CallError:
    if version_of(answer):
        return _setup(operation, message("CALL_UNKNOWN", version=version_of(answer)), status=answer.status)
    verb = operation.name.rpartition(".")[2].upper()
    return _setup(operation, message("VERB_BLOCKED", verb=verb), status=answer.status)


def _code(codes: set[int]) -> int:
    return min(codes - _WARNINGS, default=0)


def _broken(operation: Operation, answer: Answer, codes: set[int]) -> CallError:
    warned = bool(codes & _WARNINGS)
    detail = message("PHP_WARNINGS") if warned else message("FATAL_ERROR")
    if not warned and answer.status != 500:
        detail = message("HOST_ANSWERS", status=answer.status)
    # It would warn again, and has mostly done the work: to look says so sooner than to repeat.
    if operation.safe_to_repeat and not (warned and operation.writes):
        return Unavailable(service=SERVICE, operation=operation.name, detail=detail, status=answer.status, side="shop")
    return OutcomeUnknown(service=SERVICE, operation=operation.name, detail=detail, status=answer.status, side="shop")


def _codes(answer: Answer) -> set[int]:
    return {code for code, _ in _errors(answer)}


def _errors(answer: Answer) -> Sequence[tuple[int, str]]:
    try:
        return error_codes(parse(str(answer.data or ""))[0])
    except NotXml:
        return []


def _field(answer: Answer) -> dict[str, str]:
    """Return the first field that it refuses, by what is wrong with it."""
    for _, text in _errors(answer):
        if found := _PARAMETER.search(text):
            return {MISSING: found[1]}
        if found := _FIELD.search(text):
            return {NOT_TAKEN: found[2]}
    return {}


def _fields(answer: Answer) -> Message:
    """Return the names of the fields it refuses; never their content."""
    found = [f"{kind}.{name}" for _, text in _errors(answer) for kind, name in _FIELD.findall(text)]
    found += [name for _, text in _errors(answer) for name in _PARAMETER.findall(text) if not found]
    named = tuple(dict.fromkeys(found))
    return message("FIELDS_REFUSED", fields=named) if named else message("A_FIELD_REFUSED")


def _refused(
    operation: Operation, reason: str, detail: Message | str, *, status: int, params: Params | None = None
) -> Refused:
    return Refused(
        service=SERVICE,
        operation=operation.name,
        reason=reason,
        detail=detail,
        status=status,
        side="shop",
        params=params or {},
    )


def _setup(operation: Operation, detail: Message | str, *, status: int) -> SetupWrong:
    return SetupWrong(service=SERVICE, operation=operation.name, detail=detail, status=status, side="shop")
