"""What a checker says of the clients of a run, for the strip under the animation."""

from __future__ import annotations

from consensus_lab.protocols.node import Node
from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.stores import LastWriterWins, Transactional
from consensus_lab.simulation import Scenario, Workload
from consensus_lab.views.judged import judge


def test_nobody_judges_a_run_in_which_nobody_asks() -> None:
    assert judge(Scenario(Raft, duration=300).run()) is None


def test_raft_is_linearizable() -> None:
    told = judge(Scenario(Raft, clients=2, duration=1000).run())
    assert told is not None
    assert (told["holds"], told["model"], "guilty" in told) == (True, "linearizability", False)


def test_the_guilty_are_the_counterexample_and_the_first_of_them_is_answered_last() -> None:
    scenario = Scenario(LastWriterWins, clients=3, workload=Workload(attach="home"))
    trace = scenario.run()
    told = judge(trace)
    assert told is not None
    assert told["holds"] is False
    guilty = [trace.operations[number] for number in told["guilty"]]
    assert guilty[0].operation[0] == "read"
    assert guilty[0].end == max(one.end or 0 for one in guilty)
    assert len({one.operation[1] for one in guilty}) == 1


def test_transactions_are_judged_as_transactions() -> None:
    scenario = Scenario(Transactional, clients=2, workload=Workload(object="transactions"))
    told = judge(scenario.run())
    assert told is not None
    assert told["model"] == "strict serializability"


class Liar(Node):
    """A learner's store that answers with what nobody wrote."""

    def on_request(self, request, out):
        out.reply(request, "thin air")


def test_a_learners_own_store_is_judged() -> None:
    told = judge(Scenario(Liar, clients=1, workload=Workload(attach="any")).run())
    assert told is not None
    assert told["holds"] is False
