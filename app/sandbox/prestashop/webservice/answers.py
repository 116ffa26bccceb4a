"""The outside of an answer: status, the headers that every answer has, and what a badly set host adds."""

from hashlib import sha1

from starlette.responses import Response

from app.sandbox.faults import web_server_error
from app.sandbox.prestashop.shop import Shop

XML = "text/xml;charset=utf-8"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
REALM = (
    'Basic realm="Welcome to PrestaShop Webservice, '
    'please enter the authentication key as the login. No password required."'
)
COOKIE = "PrestaShop-ab12cd34ef56ab12cd34ef56ab12cd34=def502; path=/; HttpOnly; SameSite=Lax"
NOISE = (
    "<br />\n<b>Notice</b>:  Undefined index: HTTP_REFERER "
    "in <b>/var/www/shop/classes/Tools.php</b> on line <b>99</b><br />\n"
)
UNKNOWN_VERSION = "0"


def answer(shop: Shop, status: int, body: str = "", *, kind: str = "", known: bool = True) -> Response:
    """Return an answer of the service; without a body it has no type either."""
    content = body.encode()
    if content and shop.switches.php_noise:
        content = NOISE.encode() + content
    headers = {
        "Access-Time": str(int(shop.context.clock.now().timestamp())),
        "X-Powered-By": "PrestaShop Webservice",
        "PSWS-Version": shop.switches.version if known else UNKNOWN_VERSION,
        "Content-Type": kind,
        "Execution-Time": "0.012",
        "Set-Cookie": COOKIE,
    }
    if content and status < 400:
        headers["Content-Sha1"] = sha1(body.encode(), usedforsecurity=False).hexdigest()
    if status == 401 and not known:
        headers["WWW-Authenticate"] = REALM
    return Response(content, status, headers)


def fatal_error(sentence: str = "") -> Response:
    """Return what is left of a program that died."""
    return Response(sentence.encode(), 500, {"Content-Type": HTML, "X-Powered-By": "PHP/8.2.36", "Set-Cookie": COOKIE})


def key_missing() -> Response:
    return Response(b"401 Unauthorized", 401, {"Content-Type": HTML, "WWW-Authenticate": REALM})


def front_page(root: str, name: str) -> Response:
    """Return where PrestaShop sends who asks for a shop that it does not have."""
    return Response(b"", 302, {"Content-Type": HTML, "Location": f"{root.removesuffix('/api')}/?url={name}"})


def host_answer(status: int, *, location: str = "", retry_after: int | None = None) -> Response:
    """Return a page of the web server in front of the shop."""
    headers = {"Location": location} if location else {}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return web_server_error(status, headers=headers)


def injected(status: int, retry_after: int | None) -> Response:
    """Return the error answer that a fault asks for: 500 is a program that died, all others are the host's."""
    return fatal_error() if status == 500 else host_answer(status, retry_after=retry_after)
