"""PrestaShop's Webservice protocol: asks the questions and returns their records as they came.

Everything is XML. A call never follows a redirect (a POST would become a GET) and keeps no cookie.
"""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote
from xml.etree.ElementTree import Element

from app.errors import CredentialsRefused, OutcomeUnknown, Refused
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.errors import NOT_FOUND, SERVICE, header_lost, not_ours, refusal, version_of
from app.shops.prestashop.quotas import SINGULAR, Verb, operation
from app.shops.prestashop.records import Draft, Record, document, records_in
from app.transport.connector import Connector
from app.transport.operation import Answer
from app.transport.xml import NotXml, parse

T = TypeVar("T")

# Values of one question, and their length in the address: longer ones are refused by some hosts.
IDS_A_CALL = 200
LIST_LENGTH = 5000
# The first version with PATCH.
_PATCH_SINCE = (8, 0)
_PARSE_IN_THREAD_BYTES = 256 * 1024


class Client:
    """The Webservice of one shop, as one key sees it."""

    def __init__(
        self,
        config: PrestashopConfig,
        connector: Connector,
        *,
        call_slot: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._config, self._call_slot = config, call_slot
        key = config.key.get_secret_value()
        self._own = [("ws_key", key)] if config.key_in_address else []
        if config.id_shop:
            self._own.append(("id_shop", config.id_shop))
        self._api = connector.client(
            service=SERVICE,
            side="shop",
            base_url=config.url + ("/api" if config.rewriting else "/webservice/dispatcher.php"),
            headers={"Authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}", "Accept": "text/xml"},
            # Kept though nothing is limited: a 429 of a host stops everybody who calls it.
            quota_scope=f"{SERVICE} {config.url} {config.id_shop}",
            refusal=refusal,
        )
        self.id_shop = config.id_shop
        self.scope = f"{SERVICE} {config.url} {config.id_shop}"
        self.version = ""
        # The shop's clock as its last answer gave it.
        self.clock: datetime | None = None
        # Whether something stood before the XML of an answer.
        self.noisy = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """The first two numbers of the shop's version, none while it is not known."""
        return tuple(int(part) for part in self.version.split(".")[:2] if part.isdecimal())

    @property
    def patches(self) -> bool:
        """Whether the shop knows PATCH; older ones get everything back with PUT."""
        return self.numbers >= _PATCH_SINCE if self.numbers else True

    async def rights(self) -> Mapping[str, frozenset[str]]:
        """Return the verbs that our key has, by resource (GET on the list of all); raises SetupWrong and others.

        When the shop saw no key, it is asked once more with the key in the address: an answer proves that its host
        drops the header.
        """
        root_call = operation("GET", "", path=self._path("", ""))
        try:
            root = await self._root(await self._call("GET", "", "", []), root_call.name)
        except CredentialsRefused as exc:
            if self._config.key_in_address or not await self._answers_with_key_in_address():
                raise
            raise header_lost(root_call) from exc
        listing = root.find("api")
        if listing is None:
            raise not_ours(root_call, Answer(status=200, headers={}, body=b"<html"))
        verbs = ("get", "put", "post", "patch", "delete")
        return {each.tag: frozenset(verb for verb in verbs if each.get(verb) == "true") for each in listing}

    async def find(
        self,
        resource: str,
        *,
        display: Sequence[str] = (),
        filters: Mapping[str, str] | None = None,
        sort: str = "",
        limit: str = "",
        dates: bool = False,
        extra: Sequence[tuple[str, str]] = (),
    ) -> list[Record]:
        """Return the entities that match: `filters` in PrestaShop's own words, `display` none for all fields.

        `dates`: needed where a filter or the order goes by a date.
        """
        query = [("display", f"[{','.join(display)}]" if display else "full")]
        query += [(f"filter[{name}]", value) for name, value in (filters or {}).items()]
        query += [("sort", f"[{sort}]")] if sort else []
        query += [("limit", limit)] if limit else []
        query += [("date", "1")] if dates else []
        answer = await self._call("GET", resource, "", [*query, *extra])
        return await self._records(answer, "GET", resource)

    async def find_all(
        self, resource: str, *, name: str, values: Sequence[str], display: Sequence[str] = ()
    ) -> list[Record]:
        """Return the entities whose field equals one of the values (compared by the shop without case and accents)."""
        found: list[Record] = []
        for part in lists_of(values):
            found += await self.find(resource, display=display, filters={name: any_of(part)}, sort="id_ASC")
        return found

    async def get(self, resource: str, record_id: str) -> Record | None:
        """Return one entity, None if it is not there."""
        try:
            answer = await self._call("GET", resource, record_id, [])
        except Refused as refused:
            if refused.reason == NOT_FOUND:
                return None
            raise
        return (await self._records(answer, "GET", resource))[0]

    async def add(self, resource: str, draft: Draft) -> Record:
        """Create an entity; returns it as the shop echoes it, with its id."""
        return (await self.add_all(resource, [draft]))[0]

    async def add_all(self, resource: str, drafts: Sequence[Draft]) -> list[Record]:
        """Create several entities in one call."""
        content = document(SINGULAR[resource], drafts)
        made = await self._records(await self._call("POST", resource, "", [], content), "POST", resource)
        if len(made) < len(drafts) or not all(each.id for each in made):
            raise not_ours(operation("POST", resource, path=""), Answer(status=201, headers={}, body=b""))
        return made

    async def change(self, resource: str, record_id: str, fields: Mapping[str, str]) -> Record:
        """Set fields of an entity and leave the others alone, which takes two calls below version 8."""
        verb: Verb = "PATCH" if self.patches else "PUT"
        sent = fields if self.patches else await self._whole(resource, record_id, fields)
        content = document(SINGULAR[resource], [Draft(fields={"id": record_id, **sent})])
        try:
            return (await self._records(await self._call(verb, resource, record_id, [], content), verb, resource))[0]
        except OutcomeUnknown:
            existing = await self.get(resource, record_id)
            if existing is None or not existing.agrees(fields):
                raise
            return existing

    async def drop(self, resource: str, record_id: str) -> None:
        """Delete an entity; one that is gone already is fine."""
        try:
            await self._call("DELETE", resource, record_id, [])
        except OutcomeUnknown:
            if await self.get(resource, record_id) is not None:
                raise
        except Refused as refused:
            if refused.reason != NOT_FOUND:
                raise

    async def _whole(self, resource: str, record_id: str, fields: Mapping[str, str]) -> Mapping[str, str]:
        """Return an entity with changes, to be put back: what a PUT leaves out is lost."""
        before = await self.get(resource, record_id)
        if before is None:
            return fields
        kept = {name: value for name, value in before.fields.items() if name not in before.fixed}
        if "current_state" in kept:
            # The state of an order is changed by its history alone: a PUT of it mails the buyer. Left out it would be
            # lost; empty, it is let alone.
            kept["current_state"] = ""
        return {**kept, **fields}

    async def _answers_with_key_in_address(self) -> bool:
        key = self._config.key.get_secret_value()
        try:
            await self._call("GET", "", "", [("ws_key", key)])
        except CredentialsRefused:
            return False
        return True

    async def _call(
        self,
        verb: Verb,
        resource: str,
        record_id: str,
        query: Sequence[tuple[str, str]],
        content: bytes | None = None,
    ) -> Answer:
        tunnelled = self._config.verbs == "post"
        asked = operation(verb, resource, path=self._path(resource, record_id), tunnelled=tunnelled)
        params = [*query, *self._own]
        if asked.method != verb:
            params.append(("ps_method", verb))
        ids = {"record_id": record_id} if record_id and self._config.rewriting else {}
        if not self._config.rewriting:
            params.append(("url", f"{resource}/{record_id}" if record_id else resource))
        headers = {"Content-Type": "text/xml"} if content is not None else {}
        # The shop takes one order at a time anyway, so its place is beside the others.
        call_slot = nullcontext() if (verb, resource) == ("POST", "orders") else self._call_slot()
        async with call_slot:
            answer = await self._api.call(asked, path=ids, query=params, content=content, headers=headers)
        self.version = version_of(answer) or self.version
        reported = answer.header("Access-Time")
        if reported.isdecimal():
            self.clock = datetime.fromtimestamp(int(reported), UTC)
        return answer

    def _path(self, resource: str, record_id: str) -> str:
        if not self._config.rewriting:
            return ""
        return f"/{resource}/{{record_id}}" if record_id else f"/{resource}"

    async def _records(self, answer: Answer, verb: Verb, resource: str) -> list[Record]:
        root = await self._root(answer, resource, verb)
        found = records_in(root, plural=resource, singular=SINGULAR[resource])
        if found is None:
            raise not_ours(operation(verb, resource, path=""), answer)
        return found

    async def _root(self, answer: Answer, resource: str, verb: Verb = "GET") -> Element:
        text = str(answer.data or "")
        try:
            in_thread = len(text) > _PARSE_IN_THREAD_BYTES
            root, noise = await asyncio.to_thread(parse, text) if in_thread else parse(text)
        except NotXml as exc:
            raise not_ours(operation(verb, resource, path=""), answer) from exc
        self.noisy = self.noisy or bool(noise)
        return root


async def together(*questions: Coroutine[Any, Any, T]) -> list[T]:
    """Return the answers to questions that are asked at once; one that fails calls the others off."""
    asked = [asyncio.create_task(each) for each in questions]
    try:
        return await asyncio.gather(*asked)
    finally:
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


def any_of(values: Sequence[str]) -> str:
    """Return the filter for one of some values, all of them askable."""
    return f"[{'|'.join(values)}]"


def lists_of(values: Sequence[str]) -> Iterator[list[str]]:
    """Yield the askable values, each once, in lists that fit into an address."""
    part: list[str] = []
    length = 0
    for value in filter(askable, dict.fromkeys(values)):
        # The bar between two values takes three signs.
        own = len(quote(value, safe="")) + 3
        if part and (len(part) == IDS_A_CALL or length + own > LIST_LENGTH):
            yield part
            part, length = [], 0
        part.append(value)
        length += own
    if part:
        yield part


def askable(value: str) -> bool:
    """Return whether a value can stand in a list: brackets and bars can't be escaped, a comma makes an interval."""
    return value.isprintable() and bool(value) and not set(value) & set("[]|,")
