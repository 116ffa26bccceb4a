"""Until when a run may start new calls."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """The business time after which no new call is made; a call under way is never cut. None: no end."""

    at: datetime | None = None

    def passed_by(self, moment: datetime) -> bool:
        """Whether that moment lies at or after the deadline."""
        return self.at is not None and moment >= self.at
