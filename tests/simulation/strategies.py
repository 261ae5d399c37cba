"""Random scenarios, and random things that are none."""

from __future__ import annotations

from hypothesis import strategies as st

from consensus_lab.protocols import Raft
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation import faults as f
from consensus_lab.simulation import orders as o
from consensus_lab.simulation import triggers as t
from consensus_lab.simulation.workload import OBJECTS

SHARES = st.floats(0, 1)
TIMES = st.integers(0, 3000) | st.floats(0, 3000)
SPANS = st.tuples(TIMES, TIMES).map(sorted).map(tuple)
NAMES = st.sampled_from(["S1", "S2", "S3", "leader"])
KEYS = st.text(min_size=1, max_size=3)
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
FINITE = VALUES.filter(lambda value: value not in (float("inf"), float("-inf")))

TRIGGERS = st.one_of(
    st.builds(t.becomes, st.sampled_from(["leader", "candidate"])),
    st.builds(t.sends, st.just("AppendEntries"), st.none() | NAMES, entries=st.booleans()),
    st.builds(t.receives, st.sampled_from(["AppendEntriesReply", "RequestVote"])),
    st.builds(t.changes, st.sampled_from(["commit_index", "log"]), by=st.none() | NAMES),
    *(st.builds(trigger, st.none() | NAMES) for trigger in (t.saves, t.synced, t.crashes)),
)
CALM_FAULTS = st.one_of(
    *(
        st.builds(fault, NAMES)
        for fault in (f.crash, f.restart, f.pause, f.resume, f.timeout, f.wipe)
    ),
    st.builds(f.cut, NAMES, NAMES, st.booleans()),
    st.builds(f.heal, NAMES, NAMES),
    st.builds(f.heal),
    st.builds(f.partition, st.lists(NAMES), st.lists(NAMES)),
    st.builds(f.weather, SHARES | st.none(), SHARES | st.none(), SHARES | st.none()),
    st.builds(f.slow_disk, NAMES, TIMES),
    st.builds(f.drop, st.integers(0, 200)),
    st.builds(f.delay, st.integers(0, 200), TIMES),
    st.builds(f.duplicate, st.integers(0, 200), TIMES),
    st.builds(f.request, st.just("read"), FINITE, client=st.sampled_from("ABZ")),
    st.builds(f.request, st.just("write"), FINITE, FINITE, server=NAMES),
    st.builds(f.transfer, NAMES, NAMES),
    *(
        st.builds(order, NAMES, NAMES)
        for order in (o.add_server, o.remove_server, o.add_learner, o.promote)
    ),
    st.builds(f.clock_skew, NAMES, TIMES, st.floats(0.5, 2)),
)
STRIKING = CALM_FAULTS | st.sampled_from([f.crash("it"), f.pause("it"), f.restart("it")])
FAULTS = CALM_FAULTS | st.builds(
    t.When, TRIGGERS, STRIKING, TIMES, st.integers(1, 4), st.none() | st.integers(1, 3)
)

SCENARIOS = st.builds(
    Scenario,
    st.just(Raft),
    servers=st.integers(3, 5),
    seed=st.integers(),
    clients=st.integers(0, 3),
    duration=TIMES,
    options=st.fixed_dictionaries(
        {},
        optional={
            "election_timeout": SPANS,
            "pre_vote": st.booleans(),
            "check_quorum": st.booleans(),
        },
    ),
    network=st.builds(Network, SPANS, SHARES, SHARES, SHARES, TIMES),
    disk=st.builds(DiskModel, SPANS),
    workload=st.builds(
        Workload,
        think=SPANS,
        keys=st.lists(KEYS, min_size=1).map(tuple),
        reads=st.floats(0, 0.5),
        cas=st.floats(0, 0.5),
        start=TIMES,
        attach=st.sampled_from(["leader", "home", "any"]),
        object=st.sampled_from(OBJECTS),
    ),
    faults=st.lists(st.tuples(TIMES, FAULTS)).map(tuple),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@st.composite
def damaged(draw, document):
    """Plain data of which one part, somewhere, is replaced, removed or added."""
    if isinstance(document, dict) and document and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(document)))
        rest = {name: value for name, value in document.items() if name != key}
        return rest if not draw(st.integers(0, 5)) else {**rest, key: draw(damaged(document[key]))}
    if isinstance(document, list) and document and draw(st.integers(0, 3)):
        index = draw(st.integers(0, len(document) - 1))
        return [*document[:index], draw(damaged(document[index])), *document[index + 1 :]]
    return draw(JSON)
