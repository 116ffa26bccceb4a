"""One request to the Webservice, from its key to its answer."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.prestashop.errors import FatalError, Fault, NotFound, Refusal
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.tables import RESOURCES
from app.sandbox.prestashop.tables.schema import Resource
from app.sandbox.prestashop.webservice import access, answers, reads, writes
from app.sandbox.prestashop.webservice.access import GrantedCall, KeyMissing, UnknownKey, WrongShop
from app.sandbox.prestashop.webservice.json_out import JsonWriter
from app.sandbox.prestashop.webservice.schemas import KINDS, schema
from app.sandbox.prestashop.webservice.xml_out import XmlWriter

WRITES = ("POST", "PUT", "PATCH", "DELETE")
AFTERTHOUGHT = Fault(2, "[PHP Notice #8] Undefined offset: 0 (/var/www/shop/classes/Mail.php, line 42)")


class Call:
    """What was sent, and how its answer is to be written."""

    def __init__(self, shop: Shop, request: Request, path: str, body: bytes) -> None:
        self.shop = shop
        self.params: Sequence[tuple[str, str]] = request.query_params.multi_items()
        self.given = dict(self.params)
        # Hosts that refuse a verb let it pass under another name.
        self.verb = self.given.get("ps_method", request.method).upper()
        self.name, _, self.row_id = path.strip("/").partition("/")
        self._body = body
        self._authorization = request.headers.get("authorization")
        scheme = "https" if shop.switches.ssl_links else request.url.scheme
        self._root = f"{scheme}://{request.url.netloc}{request.scope.get('root_path', '')}/api"
        wanted = (self.given.get("output_format", ""), request.headers.get("output-format", ""))
        self._kind = answers.JSON if any(each.upper() == "JSON" for each in wanted) else answers.XML
        languages = self._languages()
        self._xml = XmlWriter(self._root, languages)
        self._writer: XmlWriter | JsonWriter = JsonWriter(languages) if self._kind == answers.JSON else self._xml

    async def serve(self) -> Response:
        """Return the shop's own answer."""
        try:
            access.check_shop(self.shop, self.given)
            return await self._inside(
                access.authorize(
                    self.shop,
                    authorization=self._authorization,
                    params=self.given,
                    verb=self.verb,
                    name=self.name,
                )
            )
        except WrongShop:
            return answers.front_page(self._root, self.name)
        except KeyMissing:
            return answers.key_missing()
        except NotFound:
            return answers.answer(self.shop, 404)
        except FatalError as last:
            return answers.fatal_error(last.sentence)
        except Refusal as reason:
            known = not isinstance(reason, UnknownKey)
            body = self._writer.errors(reason.faults)
            return answers.answer(self.shop, reason.status, body, kind=self._kind, known=known)

    async def _inside(self, granted: GrantedCall) -> Response:
        if granted.resource is None:
            return self._done(200, self._rights(granted))
        if granted.verb == "HEAD":
            # What a GET would say is in the headers.
            self._read(granted.resource)
            return self._done(200, "")
        if granted.verb == "GET":
            return self._done(200, self._read(granted.resource))
        answer = await self._write(granted.resource, granted.verb)
        self.shop.writes[granted.resource.name, granted.verb] += 1
        if self.shop.switches.error_500_after_write:
            return self._done(500, self._writer.errors([AFTERTHOUGHT]))
        return answer

    def _rights(self, granted: GrantedCall) -> str:
        may = ((each, access.rights_of(self.shop, granted.key, each.name)) for each in RESOURCES.values())
        shop_name = self.shop.database.config("PS_SHOP_NAME")
        self._kind = answers.XML
        return self._xml.rights([(each, verbs) for each, verbs in may if verbs], shop_name=shop_name)

    def _read(self, resource: Resource) -> str:
        kind = self.given.get("schema")
        if kind in KINDS:
            self._kind = answers.XML
            return schema(resource, kind, root=self._root)
        if self.row_id:
            entity = reads.read_one(self.shop, resource, self.row_id, self.params)
            return self._writer.objects(resource, [entity], listed=False)
        rows, entities = reads.read_list(self.shop, resource, self.params)
        if entities is None:
            return self._writer.ids(resource, [row.id for row in rows])
        return self._writer.objects(resource, entities, listed=True)

    async def _write(self, resource: Resource, verb: str) -> Response:
        if verb == "DELETE":
            ids = [self.row_id] if self.row_id else self.given.get("id", "").strip("[]").split(",")
            writes.delete(self.shop, resource, [each for each in ids if each])
            return answers.answer(self.shop, 200)
        mail = self.given.get("sendemail", "0") not in ("", "0")
        entities = await writes.write(self.shop, resource, verb, self._body, mail=mail)
        body = self._writer.objects(resource, entities, listed=False)
        return self._done(201 if verb == "POST" else 200, body)

    def _languages(self) -> Sequence[int]:
        installed = range(1, self.shop.switches.languages + 1)
        wanted = self.given.get("language", "").strip("[]").split("|")
        return [each for each in installed if str(each) in wanted] or list(installed)

    def _done(self, status: int, body: str) -> Response:
        return answers.answer(self.shop, status, body, kind=self._kind)
