"""The parts of the measurement: a new one is a module with `measure`, `FULL` and `TINY`, and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from tests.bench import floor, imports, offers, pipeline, selling_day, trigger, waits
from tests.bench.figures import Figure

Size = TypeVar("Size")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `measured` takes minutes, `tried` seconds and says nothing about speed."""

    measured: Callable[[], list[Figure]]
    tried: Callable[[], list[Figure]]


def part(measure: Callable[[Size], list[Figure]], *, full: Size, tiny: Size) -> Part:
    """Return a part that is measured at one size and tried at the other."""
    return Part(measured=partial(measure, full), tried=partial(measure, tiny))


PARTS: Mapping[str, Part] = {
    "trigger": part(trigger.measure, full=trigger.FULL, tiny=trigger.TINY),
    "import": part(imports.measure, full=imports.FULL, tiny=imports.TINY),
    "quota": part(waits.measure, full=waits.FULL, tiny=waits.TINY),
    "offers": part(offers.measure, full=offers.FULL, tiny=offers.TINY),
    "prestashop": part(pipeline.measure, full=pipeline.FULL, tiny=pipeline.TINY),
    "amazon_floor": part(floor.measure, full=floor.FULL, tiny=floor.TINY),
    "amazon_day": part(selling_day.measure, full=selling_day.FULL, tiny=selling_day.TINY),
}
