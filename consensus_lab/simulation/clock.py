"""Virtual time. People write milliseconds; the simulation counts whole microseconds.

Whole numbers, so that no machine and no order of additions can round a run into another one.
"""

from __future__ import annotations

from dataclasses import dataclass


def microseconds(milliseconds: float) -> int:
    """`milliseconds` of virtual time as the simulation counts them."""
    return round(milliseconds * 1000)


def milliseconds(microseconds: int) -> str:
    """`microseconds` as people read them: "212.4 ms"."""
    return f"{microseconds / 1000:.1f}".removesuffix(".0") + " ms"


@dataclass(frozen=True)
class Clock:
    """A server's own clock. At `since` (µs) it was `offset` µs ahead of the world's time, and has
    run at `rate` since then: 1.1 gains 100 ms a second. Crashes do not touch it.
    """

    since: int = 0
    offset: int = 0
    rate: float = 1.0

    def at(self, now: int) -> int:
        """What it shows at the world's time `now`; both in µs."""
        return self.since + self.offset + round((now - self.since) * self.rate)

    def lasts(self, delay: int) -> int:
        """How long it takes in the world until this clock has moved by `delay`; both in µs."""
        return delay if self.rate == 1 else round(delay / self.rate)
