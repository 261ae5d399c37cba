"""Virtual time. People write milliseconds; the simulation counts whole microseconds.

Whole numbers, so that no machine and no order of additions can round a run into another one.
"""

from __future__ import annotations


def microseconds(milliseconds: float) -> int:
    """`milliseconds` of virtual time as the simulation counts them."""
    return round(milliseconds * 1000)


def milliseconds(microseconds: int) -> str:
    """`microseconds` as people read them: "212.4 ms"."""
    return f"{microseconds / 1000:.1f}".removesuffix(".0") + " ms"
