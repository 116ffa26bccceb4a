"""What a JSON answer must hold to be one to its call; another one makes no sense, so the service is unavailable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.message import Message, message
from app.errors import Unavailable
from app.marketplaces.shared import json_records
from app.transport.operation import Answer, Operation

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """The readers of one service's answers; they raise what `malformed` returns."""

    service: str

    def malformed(self, operation: Operation, what: Message | str) -> Unavailable:
        """Return the error for an answer that is none to this call; `what` is a field's name, never its content."""
        detail = message("ANSWER_MAKES_NO_SENSE", what=what)
        return Unavailable(service=self.service, operation=operation.name, detail=detail)

    def record(self, operation: Operation, answer: Answer) -> Record:
        """Return the object that an answer is."""
        if not isinstance(answer.data, Mapping):
            raise self.malformed(operation, message("HINT_NO_OBJECT"))
        return answer.data

    def records(self, operation: Operation, answer: Answer, name: str) -> Sequence[Record]:
        """Return a list of objects."""
        records = answer.data.get(name) if isinstance(answer.data, Mapping) else None
        if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
            raise self.malformed(operation, name)
        return records

    def number(self, operation: Operation, answer: Answer, name: str) -> int:
        """Return a whole number."""
        number = answer.data.get(name) if isinstance(answer.data, Mapping) else None
        if not isinstance(number, int) or isinstance(number, bool):
            raise self.malformed(operation, name)
        return number

    def text(self, operation: Operation, answer: Answer, name: str) -> str:
        """Return a text that is not empty."""
        found = json_records.text(answer.data, name) if isinstance(answer.data, Mapping) else ""
        if not found:
            raise self.malformed(operation, name)
        return found
