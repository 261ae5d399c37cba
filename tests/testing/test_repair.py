"""Two logs that have grown apart: as long as asked, and the same in the end."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.testing.repair import wrong_tail


@pytest.mark.parametrize("wrong", [1, 4, 12])
def test_a_wrong_tail_is_as_long_as_asked(wrong: int) -> None:
    trace = wrong_tail(BasicRaft, wrong).run()
    logs = {name: state["log"] for name, state in trace.state_at(299).items()}
    assert [entry.term for entry in logs["S1"]] == [1] * (1 + wrong)
    assert [entry.term for entry in logs["S3"]] == [1] + [2] * wrong + [3]


def test_a_wrong_tail_is_repaired_in_the_end() -> None:
    states = wrong_tail(BasicRaft).run().state_at(450)
    assert states["S1"]["log"] == states["S3"]["log"]
