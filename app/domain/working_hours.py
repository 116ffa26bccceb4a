"""When an account works: hours of its week, by the clock on its wall.

Days on which the clock is put forward or back need no rule of their own: a moment lies inside when the wall clock says
so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from app.domain.invalid import InvalidValue

DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
MINUTE = timedelta(minutes=1)
_DAY_MINUTES = 24 * 60
# Hours that the clock skips on their day come again within a week.
_LOOK_AHEAD_DAYS = 15
_RANGE = re.compile(
    rf"(?:({'|'.join(DAYS)})(?: ?- ?({'|'.join(DAYS)}))? )?(\d\d?):(\d\d) ?- ?(\d\d?):(\d\d)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of one weekday (0 is Monday), the last one not included."""

    day: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours of a week; without spans all of them."""

    spans: tuple[Span, ...] = ()
    zone: tzinfo = UTC

    def hold(self, moment: datetime) -> bool:
        """Return whether the moment lies inside."""
        wall = moment.astimezone(self.zone)
        day, minute = wall.weekday(), wall.hour * 60 + wall.minute
        return not self.spans or any(each.day == day and each.begins <= minute < each.ends for each in self.spans)

    def next_from(self, moment: datetime) -> datetime:
        """Return the moment itself when it lies inside, else when the hours begin again."""
        return moment if self.hold(moment) else _begin_after(self, moment)


ALWAYS = WorkingHours()


# A thousand accounts with the same hours ask for the same moments.
@lru_cache(maxsize=10_000)
def _begin_after(hours: WorkingHours, moment: datetime) -> datetime:
    today = moment.astimezone(hours.zone).date()
    for ahead in range(_LOOK_AHEAD_DAYS):
        begins = [each for each in _begins_on(hours, today + timedelta(days=ahead)) if each > moment]
        if begins:
            return min(begins)
    raise AssertionError("every week has its hours")


def _begins_on(hours: WorkingHours, day: date) -> Iterator[datetime]:
    """Yield when hours begin on a day; a beginning that the clock shows twice comes twice.

    Hours whose beginning the clock skips begin where it goes on.
    """
    for span in hours.spans:
        if span.day != day.weekday():
            continue
        wall = datetime.combine(day, time(*divmod(span.begins, 60)), tzinfo=hours.zone)
        first, last = sorted(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        for minute in range(int((last - first) / MINUTE) + 1):
            moment = first + minute * MINUTE
            if hours.hold(moment) and not hours.hold(moment - MINUTE):
                yield moment


def working_hours(text: str, *, zone: tzinfo) -> WorkingHours:
    """Return hours written as `mo-fr 08:00-19:00, sa 09:00-12:00`; raises InvalidValue, which says what is allowed."""
    return WorkingHours(tuple(span for part in _parts(text) for span in _spans(part)), zone)


def cleaned(text: str) -> str:
    """Return the hours as they are best written; raises InvalidValue, which says what is allowed."""
    working_hours(text, zone=UTC)
    return ", ".join(part.lower() for part in _parts(text))


def _parts(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split(",") if part.strip()]


def _spans(part: str) -> Iterator[Span]:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise InvalidValue("NO_HOURS", text=part[:40], days=" ".join(DAYS))
    begins, ends = _minutes(found[3], found[4]), _minutes(found[5], found[6]) or _DAY_MINUTES
    if begins in (ends, _DAY_MINUTES):
        raise InvalidValue("HOURS_EMPTY", text=part[:40])
    for day in _days(found[1], found[2]):
        if begins < ends:
            yield Span(day, begins, ends)
        else:
            # A night belongs to the day on which it begins.
            yield Span(day, begins, _DAY_MINUTES)
            yield Span((day + 1) % 7, 0, ends)


def _days(first: str | None, last: str | None) -> list[int]:
    if first is None:
        return list(range(7))
    begins = DAYS.index(first.lower())
    ends = DAYS.index(last.lower()) if last else begins
    return [(begins + ahead) % 7 for ahead in range((ends - begins) % 7 + 1)]


def _minutes(hours: str, minutes: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > _DAY_MINUTES:
        raise InvalidValue("NO_TIME_OF_DAY", text=f"{hours}:{minutes}")
    return total
