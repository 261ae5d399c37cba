"""Clients: they ask one thing at a time, ask again, follow advice, and sometimes never know."""

from __future__ import annotations

from collections import Counter

import pytest

from consensus_lab import linearizable
from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import ClientRefusal, ClientReply, ClientRequest, Node, Raft
from consensus_lab.simulation import Network, Scenario, Workload
from consensus_lab.simulation.client import answers
from consensus_lab.simulation.faults import crash, cut, request, timeout

from .toys import steady, ticking


def asked(trace, client="A"):
    """The requests that a client sent: (time in ms, to whom, sequence)."""
    return [
        (f.sent / 1000, f.target, f.message.sequence) for f in trace.messages if f.source == client
    ]


class Silent(Node):
    """Answers nobody."""

    def on_request(self, request, out):
        pass


class Clueless(Node):
    """Knows no leader."""


class Echo(Node):
    """Answers everything with 7, and itself counts what it was asked."""

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.requests = 0

    def on_request(self, request, out):
        self.requests += 1
        out.reply(request, 7)


class Refuser(Node):
    """S1 refuses; the others do not answer."""

    def on_request(self, request, out):
        if self.name == "S1":
            out.refuse(request, "no majority")


def test_a_refusal_is_a_failure_and_the_client_goes_on_under_its_name():
    trace = ticking(Refuser).at(10, *[request("write", "x", n, server="S1") for n in (1, 2)]).run()
    assert [(o.process, o.start, o.end, o.outcome, o.server) for o in trace.operations] == [
        ("A", 10_000, 16_000, "failed", "S1"),
        ("A", 16_001, 22_001, "failed", "S1"),
    ]


def test_why_it_is_refused_is_said_in_the_trace():
    trace = ticking(Refuser).at(10, request("write", "x", 1, server="S1")).run()
    assert [e.notes for e in trace.events if e.kind == "answer"] == [["is refused: no majority"]]


def test_a_refusal_counts_only_for_who_has_asked_once():
    """The first server may still do what the second one refuses."""
    scenario = ticking(Refuser, servers=3, duration=3000)
    trace = scenario.at(0, *[request("write", "x", n, client="ABCDEF"[n]) for n in range(6)]).run()
    first = {f.source: f.target for f in reversed(trace.messages) if f.source in trace.clients}
    assert {o.outcome for o in trace.operations if first[o.process] != "S1"} == {"unknown"}


def test_a_client_can_be_told_whom_to_ask():
    wishes = [request("read", "x", server=name) for name in ("S3", "S1", "S2")]
    trace = ticking(Echo, servers=3).at(10, *wishes).run()
    assert [o.server for o in trace.operations] == ["S3", "S1", "S2"]


def test_a_server_that_must_be_asked_is_asked_again_and_no_other():
    trace = ticking(Silent, servers=3).at(0, request("read", "x", server="S2")).run(900)
    assert {target for _, target, _ in asked(trace)} == {"S2"}
    assert len(asked(trace)) > 3


def test_an_answer_ends_the_operation():
    trace = ticking(Echo).at(10, request("read", "x")).run()
    [done] = trace.operations
    assert (done.start, done.end, done.outcome, done.result) == (10_000, 16_000, "ok", 7)
    assert done.server in ("S1", "S2")


def test_without_an_answer_the_next_server_is_asked_the_same_again():
    trace = ticking(Silent, servers=3, duration=400).at(0, request("read", "x")).run()
    times, targets, sequences = zip(*asked(trace), strict=True)
    assert times == (0, 150, 300)
    assert set(targets) == {"S1", "S2", "S3"}
    assert set(sequences) == {1}


def test_a_client_that_is_sent_to_the_leader_asks_there_at_once():
    trace = steady().at(100, *[request("read", "x", client=name) for name in "ABCDEF"]).run(300)
    redirected = [asked(trace, name) for name in "ABCDEF" if len(asked(trace, name)) > 1]
    assert redirected
    for first, second in redirected:
        assert first[1] != "S1"
        assert second == (110, "S1", 1)


def test_a_client_that_is_told_of_no_leader_asks_the_next_server_a_little_later():
    trace = ticking(Clueless, servers=3).at(0, request("read", "x")).run(60)
    assert [time for time, *_ in asked(trace)] == [0, 26, 52]
    assert len({target for _, target, _ in asked(trace)}) == 3


def test_doubled_advice_is_followed_once():
    scenario = ticking(Clueless, servers=3, network=Network(latency=(3, 3), duplicate=1))
    trace = scenario.at(0, request("read", "x")).run(300)
    # 12 rounds of two copies each, and a retry; followed each time, they would be millions.
    assert len(asked(trace)) < 30


def test_after_too_long_the_client_gives_up_and_goes_on_under_a_new_name():
    scenario = ticking(Silent, duration=2500).at(0, request("write", "x", 1))
    trace = scenario.at(1, request("read", "x")).run()
    assert [(o.process, o.start, o.end, o.outcome) for o in trace.operations] == [
        ("A", 0, None, "unknown"),
        ("A.2", 1_000_001, None, "unknown"),
    ]


def test_after_giving_up_the_client_asks_the_next_server():
    scenario = ticking(Silent, duration=1100).at(0, request("read", "x"), request("read", "x"))
    *_, (_, before, _), (time, after, _) = asked(scenario.run())
    assert time == 1000.001
    assert after != before


def test_giving_up_is_said_in_the_trace():
    trace = ticking(Silent, duration=1500).at(0, request("write", "x", 1)).run()
    last = [event for event in trace.events if event.kind == "answer"]
    assert [(e.time, e.detail, e.notes) for e in last] == [
        (1_000_000, 0, ["hears nothing and gives up"])
    ]


def test_an_answer_that_comes_after_giving_up_changes_nothing():
    class Slow(Echo):
        def on_request(self, request, out):
            self.request = request
            out.set_timer("answer", 1200)

        def on_answer_timeout(self, out):
            out.reply(self.request, 7)

    scenario = ticking(Slow, workload=Workload(retry=5000), duration=1500)
    trace = scenario.at(0, request("read", "x")).run()
    assert [f.fate for f in trace.messages if f.target == "A"] == ["delivered"]
    assert trace.operations[0].outcome == "unknown"


def test_a_request_under_way_when_the_run_ends_is_unknown():
    trace = ticking(Echo).at(98, request("write", "x", 1)).run()
    assert (trace.operations[0].end, trace.operations[0].outcome) == (None, "unknown")


def test_a_client_asks_one_thing_at_a_time():
    scenario = ticking(Echo).at(10, *[request("write", "x", n) for n in range(3)])
    trace = scenario.run()
    assert [(o.start, o.end) for o in trace.operations] == [
        (10_000, 16_000),
        (16_001, 22_001),
        (22_002, 28_002),
    ]


def test_two_operations_of_a_process_do_not_overlap_even_if_it_never_thinks():
    scenario = Scenario(Raft, servers=3, clients=3, workload=Workload(think=(0, 0)))
    trace = scenario.run()
    assert len(trace.operations) > 50
    assert len(trace.history()) == len(trace.operations)


def test_a_doubled_request_is_carried_out_once():
    scenario = steady(network=Network(latency=(5, 5), duplicate=1))
    scenario = scenario.at(100, request("cas", "x", 0, 1))
    trace = scenario.at(300, request("read", "x")).run(600)
    logged = [e.command for e in trace.state_at(600)["S1"]["log"] if e.command]
    assert Counter(command.sequence for command in logged)[1] > 1
    assert [o.result for o in trace.operations] == [True, 1]


def test_a_retry_after_the_leaders_crash_is_carried_out_once():
    """The entry is committed, but its answer is lost, and then the leader too."""
    scenario = (
        steady()
        .at(50, cut("S1", "A", one_way=True))
        .at(100, request("cas", "x", 0, 1), request("read", "x"))
        .at(180, crash("S1"))
        .at(190, timeout("S2"))
    )
    trace = scenario.run(900)
    logged = [e.command for e in trace.state_at(900)["S2"]["log"] if e.command]
    assert [command.operation[0] for command in logged].count("cas") > 1
    assert [o.result for o in trace.operations] == [True, 1]


def test_working_clients_follow_the_workload():
    workload = Workload(keys=("a", "b"), reads=0.25, cas=0.25, start=200)
    scenario = ticking(Echo, clients=4, workload=workload, duration=20_000)
    trace = scenario.run()
    kinds = Counter(o.operation[0] for o in trace.operations)
    total = len(trace.operations)
    assert min(o.start for o in trace.operations) >= 200_000
    assert {o.operation[1] for o in trace.operations} == {"a", "b"}
    assert kinds["read"] / total == pytest.approx(0.25, abs=0.05)
    assert kinds["cas"] / total == pytest.approx(0.25, abs=0.05)


def test_no_value_is_written_twice():
    trace = ticking(Echo, clients=4, workload=Workload(cas=0.2), duration=5000).run()
    written = [o.operation[-1] for o in trace.operations if o.operation[0] != "read"]
    assert len(written) == len(set(written)) > 50


def test_cas_expects_what_the_client_read_last():
    trace = ticking(Echo, clients=1, workload=Workload(keys=("x",), cas=0.5), duration=5000).run()
    kinds = [o.operation[0] for o in trace.operations]
    first_read = kinds.index("read")
    for operation in [o.operation for o in trace.operations[first_read:]]:
        if operation[0] == "cas":
            assert operation[2] == 7


def test_one_clients_choices_do_not_depend_on_another():
    def wishes(clients):
        trace = ticking(Echo, clients=clients, duration=3000).run()
        return [o.operation[:2] for o in trace.operations if o.process == "A"]

    assert wishes(1) == wishes(3)


def test_a_late_reply_to_an_earlier_request_is_not_taken_for_the_answer():
    now = ClientRequest("A", 2, ("read", "x"))
    assert not answers(ClientReply("A", 1, True, 5), now)
    assert not answers(ClientReply("A.2", 2, True, 5), now)
    assert not answers(ClientRefusal("A", 1, "no"), now)
    assert answers(ClientReply("A", 2, True, 5), now)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"keys": ()}, "workload.keys is one name or more, not ()."),
        ({"keys": "xy"}, "workload.keys is one name or more, not 'xy'."),
        ({"keys": (1,)}, "a key of workload.keys is a text, not 1."),
        ({"reads": 2}, "workload.reads is a probability"),
        ({"cas": "some"}, "workload.cas is a probability"),
        ({"reads": 0.7, "cas": 0.7}, "workload.reads and workload.cas together is a probability"),
        ({"think": 5}, "workload.think is a pair of times"),
        ({"retry": -1}, "workload.retry is a number of ms"),
        ({"patience": None}, "workload.patience is a number of ms"),
        ({"start": float("nan")}, "workload.start is a number of ms"),
    ],
)
def test_a_workload_that_makes_no_sense_is_refused_in_a_sentence(values, text):
    with pytest.raises(ScenarioError) as caught:
        Workload(**values)
    assert str(caught.value).startswith(text)


def several(outstanding: int, kind: type[Node] = Echo, **values) -> Scenario:
    """Clients that may have so many requests under way."""
    return ticking(kind, workload=Workload(outstanding=outstanding), **values)


def test_a_client_may_have_several_requests_under_way():
    scenario = several(2).at(10, *[request("write", "x", n) for n in range(3)])
    trace = scenario.run()
    assert [(o.process, o.start, o.end) for o in trace.operations] == [
        ("A", 10_000, 16_000),
        ("A/2", 10_000, 16_000),
        ("A", 16_001, 22_001),
    ]


def test_all_requests_of_a_client_belong_to_one_session_with_one_numbering():
    trace = several(2).at(10, *[request("write", "x", n) for n in range(3)]).run()
    requests = [f.message for f in trace.messages if f.source == "A"]
    assert [(r.client, r.sequence) for r in requests] == [("A", 1), ("A", 2), ("A", 3)]


def test_a_client_says_from_where_on_it_lacks_responses():
    """S1 answers and S2 does not: A's first request stays open, and two others come and go."""

    class Half(Echo):
        def on_request(self, request, out):
            if self.name == "S1":
                super().on_request(request, out)

    scenario = several(2, Half).at(10, request("read", "x", server="S2"))
    for time in (20, 40, 60):
        scenario = scenario.at(time, request("read", "y", server="S1"))
    asked = [f.message for f in scenario.run().messages if f.source == "A"]
    assert [(r.sequence, r.first_unanswered) for r in asked] == [(1, 1), (2, 1), (3, 1), (4, 1)]


def test_a_client_with_one_request_under_way_has_all_responses_before_it():
    trace = ticking(Echo, clients=1, duration=3000).run()
    asked = [f.message for f in trace.messages if f.source == "A"]
    assert asked
    assert all(r.first_unanswered == r.sequence for r in asked)


def test_when_one_request_is_given_up_the_others_go_on_in_the_old_session():
    class Selective(Echo):
        def on_request(self, request, out):
            if request.operation != ("read", "x"):
                super().on_request(request, out)

    scenario = several(2, Selective, duration=2500).at(0, request("read", "x"))
    trace = scenario.at(998, request("read", "y")).at(1010, request("read", "z")).run()
    assert [(o.process, o.outcome) for o in trace.operations] == [
        ("A", "unknown"),
        ("A/2", "ok"),
        ("A.2", "ok"),
    ]
    asked = [f.message for f in trace.messages if f.source == "A"]
    assert {r.client for r in asked if r.operation == ("read", "y")} == {"A"}


@pytest.mark.parametrize("seed", range(4))
def test_the_history_of_clients_with_several_requests_under_way_is_one_and_linearizable(seed):
    scenario = Scenario(
        Raft,
        servers=3,
        seed=seed,
        clients=2,
        duration=2500,
        network=Network(latency=(1, 30), loss=0.05, duplicate=0.1, reorder=0.2),
        workload=Workload(outstanding=3, cas=0.2, patience=500),
    ).at(1000, crash("leader"))
    history = scenario.run().history()
    assert {"A/3", "B/3"} <= set(history.processes)
    assert linearizable(history).holds is True


@pytest.mark.parametrize("outstanding", [0, 1.5, True])
def test_outstanding_is_a_whole_number_from_1_on(outstanding):
    with pytest.raises(ScenarioError, match=r"workload\.outstanding is"):
        Workload(outstanding=outstanding)
