"""What is wrong with a change of an offer, in Amazon's numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["ERROR", "WARNING", "INFO"]


@dataclass(frozen=True)
class Issue:
    code: str
    message: str
    attribute: str | None = None
    category: str = "INVALID_ATTRIBUTE"
    severity: Severity = "ERROR"

    def record(self) -> dict[str, Any]:
        """Return the JSON of one issue."""
        found: dict[str, Any] = {"code": self.code, "message": self.message, "severity": self.severity}
        if self.attribute is not None:
            found["attributeNames"] = [self.attribute]
        return {**found, "categories": [self.category]}


class Invalid(Exception):
    """The change is not taken."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(issue.message for issue in issues))
        self.issues = issues


def missing(attribute: str, field: str) -> Issue:
    return Issue("90220", f"'{field}' is required but not supplied.", attribute, "MISSING_ATTRIBUTE")


def wrong_value(attribute: str, field: str) -> Issue:
    return Issue("4000001", f"The value of '{field}' is invalid.", attribute)


def too_few(attribute: str, field: str) -> Issue:
    message = f"The field '{field}' does not have enough values. The required minimum is '1' value(s)."
    return Issue("99022", message, attribute)


def unknown_attribute(name: str) -> Issue:
    return Issue("90000900", "The attributes are invalid.", name)


INTERNAL = Issue("4000000", "An internal error occurred. Submit again later.", None, "INVALID_ATTRIBUTE")

# What appears on a listing after it was taken, by the code that tests set.
LATER = {
    "18027": ("The main image has text on it.", "INVALID_IMAGE", "WARNING"),
    "18155": ("The minimum price is greater than the selling price.", "INVALID_PRICE", "ERROR"),
    "18448": ("Relevant attributes are incomplete.", "MISSING_ATTRIBUTE", "WARNING"),
    "90220": ("'size' is required but not supplied.", "MISSING_ATTRIBUTE", "ERROR"),
}


def later_records(codes: Iterable[str]) -> list[dict[str, Any]]:
    """Return the JSON of the issues of a listing."""
    found = []
    for code in codes:
        message, category, severity = LATER[code]
        found.append({"code": code, "message": message, "severity": severity, "categories": [category]})
    return found


def stops_sale(codes: Iterable[str]) -> bool:
    return any(LATER[code][2] == "ERROR" for code in codes)
