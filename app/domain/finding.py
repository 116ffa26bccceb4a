"""What a connection test found."""

from dataclasses import dataclass

from app.domain.message import Message
from app.domain.wording import Reader, Said, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a check: a stable code, good or not, what it says; `fix` replaces what that says to do."""

    code: str
    ok: bool
    says: Message
    fix: Message | None = None

    def said(self, reader: Reader) -> Said:
        """Return the line in the reader's words."""
        said = say(self.says, reader)
        return said if self.fix is None else Said(said.message, say(self.fix, reader).message)
