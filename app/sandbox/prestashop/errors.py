"""How the Webservice says no: numbered errors, or the bare 500 of a program that died."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One error of an answer."""

    code: int
    message: str


class Refusal(Exception):
    """The request is refused with a status and one or more numbered errors."""

    def __init__(self, status: int, *faults: Fault) -> None:
        super().__init__(faults[0].message if faults else str(status))
        self.status = status
        self.faults = faults


class FatalError(Exception):
    """The program died in the middle: 500, text/html, nothing or one sentence in the body."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Exception):
    """The id of a read does not exist: 404 without a body."""


def refuse(status: int, code: int, message: str) -> Refusal:
    """Return a refusal with one error."""
    return Refusal(status, Fault(code, message))


# A PHP warning, as the service reports it when warnings are not silenced.
WARNING_CODE = 3
SERVICE_FILE = "/var/www/shop/classes/webservice/WebserviceRequest.php"


def php_warning(text: str, *, line: int) -> Fault:
    return Fault(WARNING_CODE, f"[PHP Warning #2] {text} ({SERVICE_FILE}, line {line})")
