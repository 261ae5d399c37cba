"""The checks of chapter 06 hand over something to look at, and let the package's own types pass.

Whole wrong answers are in tests/wrong_answers/chapter_06.py; here is what those do not see.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.consistency.sessions import monotonic_reads, read_your_writes
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.protocols.stores import ORSet, PNCounter
from consensus_lab.simulation import Trace
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.tasks import eventual as tasks


class Remembers:
    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def learn(self, vector: dict[str, int]) -> None:
        self.seen |= {s: max(n, self.seen.get(s, 0)) for s, n in vector.items()}

    def allows(self, vector: dict[str, int]) -> bool:
        return all(vector.get(s, 0) >= n for s, n in self.seen.items())


class Forgets(Remembers):
    def learn(self, vector: dict[str, int]) -> None:
        """Nothing."""


class Forgetful(ORSet):
    def remove(self, element: object) -> ORSet:
        return replace(self, added=frozenset(pair for pair in self.added if pair[0] != element))


def test_the_types_of_the_package_pass(capsys: pytest.CaptureFixture[str]) -> None:
    tasks.check_counter(PNCounter)
    tasks.check_set(ORSet)
    tasks.check_session(Remembers)
    assert capsys.readouterr().out.count("✓") == 3


def test_a_wrong_type_gets_a_run_in_which_the_servers_are_wrong_at_the_end() -> None:
    with pytest.raises(CheckFailed) as caught:
        tasks.check_set(Forgetful)
    trace = caught.value.evidence
    assert isinstance(trace, Trace)
    assert [o.result for o in trace.operations if o.operation[0] == "read"] == [(1,), (1,)]


def test_a_forgetful_client_gets_the_smallest_history() -> None:
    with pytest.raises(CheckFailed) as caught:
        tasks.check_session(Forgets)
    verdict = caught.value.evidence
    assert isinstance(verdict, Verdict)
    assert verdict.counterexample == verdict.history


def test_clients_that_remember_keep_both_promises_where_others_do_not() -> None:
    assert all(read_your_writes(tasks.reading(Remembers, seed)) for seed in range(20))
    assert all(monotonic_reads(tasks.reading(Remembers, seed)) for seed in range(20))
    assert not all(read_your_writes(tasks.reading(Forgets, seed)) for seed in range(20))


def test_a_merge_that_fails_is_told_with_its_line() -> None:
    class Fails(PNCounter):
        def merge(self, other: PNCounter) -> PNCounter:
            raise ValueError("no")

    with pytest.raises(CheckFailed, match="ValueError: no"):
        tasks.check_counter(Fails)
