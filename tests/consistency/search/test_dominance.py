"""Which configurations are as free as others."""

from __future__ import annotations

from consensus_lab.consistency.search.configuration import Configuration, Gap
from consensus_lab.consistency.search.dominance import Dominance
from consensus_lab.consistency.search.moves import JustInTime
from consensus_lab.consistency.search.timeline import Timeline
from consensus_lab.consistency.specification import Register
from consensus_lab.history import parse


def needs_its_gap(drawing: str) -> bool:
    """Whether it is something else to have used the lost write of 3 and left a gap behind it than
    to have it still, when only the compare-and-set from 3 is not in order."""
    time = Timeline(list(parse(drawing)), Register())
    spare = Configuration(2, 0, 2, 1, (), 0, None, None)
    used = spare._replace(gaps=(Gap(3, 1, None),), used=1)
    return not Dominance(time, JustInTime(time)).is_beaten(used, [spare])


def test_a_lost_write_that_may_still_go_unseen_stands_in_for_its_gap() -> None:
    assert not needs_its_gap("""
A: [W(x,1)]
B: [W(x,3)
C: [C(x,3,4)               ]
D:           [W(x,2)]
""")


def test_a_lost_write_that_was_asked_too_late_does_not() -> None:
    assert needs_its_gap("""
A: [W(x,1)]
B:                   [W(x,3)
C: [C(x,3,4)               ]
D:           [W(x,2)]
""")
