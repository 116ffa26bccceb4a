"""What errors and refusals say to people."""

from app.domain.message import Message, Param
from app.domain.wording import Reader, say
from app.errors import CallError


def detail_and_fix(error: CallError) -> str:
    """Return the detail of an error and what to do about it, in English."""
    assert isinstance(error.detail, Message)
    return in_full(error.detail)


def in_full(reason: Param) -> str:
    """Return a reason in English with what to do about it; foreign text as it is."""
    match reason:
        case Message():
            said = say(reason, Reader())
            return f"{said.message}. {said.fix}".rstrip()
        case tuple():
            return "; ".join(in_full(each) for each in reason)
        case _:
            return str(reason)
