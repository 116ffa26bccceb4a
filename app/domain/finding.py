"""What a connection test found."""

from dataclasses import dataclass

from app.domain.message import Message
from app.domain.wording import Reader, Said, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a check: a stable code, good or not, what it says, and `cure` where that does not say what to do."""

    code: str
    ok: bool
    says: Message
    cure: Message | None = None

    def said(self, reader: Reader) -> Said:
        """Return the line in the reader's words."""
        said = say(self.says, reader)
        return said if self.cure is None else Said(said.message, say(self.cure, reader).message)

    @property
    def sentence(self) -> str:
        """What it says, in English."""
        return self.said(Reader()).message

    @property
    def fix(self) -> str:
        """What to do, in English."""
        return self.said(Reader()).fix
