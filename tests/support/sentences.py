"""What an error says to people."""

from app.domain.message import Message
from app.domain.wording import Reader, say
from app.errors import CallError


def detail_and_fix(error: CallError) -> str:
    """Return the detail of an error and what to do about it, in English."""
    assert isinstance(error.detail, Message)
    said = say(error.detail, Reader())
    return f"{said.message}. {said.fix}"
