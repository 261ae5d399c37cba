"""What the browser reads out of a trace is what Python reads out of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import Raft, Scenario, crash, cut, heal, partition, pause, restart
from consensus_lab.simulation.faults import drop, weather
from consensus_lab.simulation.trace import Trace
from consensus_lab.simulation.trace_json import plain
from consensus_lab.views.assets import module

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOAD = """async ([code, text]) => {
  const file = new Blob([code], { type: "text/javascript" });
  window.lib = await import(URL.createObjectURL(file));
  window.reader = new lib.TraceReader(JSON.parse(text));
}"""

Run = Callable[..., Any]


def busy_trace() -> Trace:
    scenario = Scenario(Raft, servers=5, seed=4, clients=2, duration=2500)
    scenario = scenario.at(0, weather(loss=0.05, duplicate=0.1, reorder=0.1))
    scenario = scenario.at(700, crash("leader")).at(900, cut("S2", "S3", one_way=True))
    return scenario.at(1200, pause("leader")).at(1500, restart("S1")).run()


@pytest.fixture(scope="module")
def trace() -> Trace:
    return busy_trace()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def run(page: Page, trace: Trace) -> Run:
    page.evaluate(LOAD, [module("trace.js"), trace.to_json()])
    return page.evaluate


@pytest.fixture
def read(page: Page, run: Run, trace: Trace) -> Iterator[Callable[[Trace], None]]:
    yield lambda other: page.evaluate(LOAD, [module("trace.js"), other.to_json()])
    page.evaluate(LOAD, [module("trace.js"), trace.to_json()])


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value, default=plain))


def test_the_state_after_each_event_is_the_one_that_python_has(run: Run, trace: Trace) -> None:
    counts = [*range(0, len(trace.events), 37), len(trace.events)]
    states = run("(counts) => counts.map((count) => reader.stateAfter(count))", counts)
    assert states == [as_json(trace.state_after(count)) for count in counts]


def test_going_back_gives_the_state_that_was_there_before(run: Run, trace: Trace) -> None:
    end = len(trace.events)
    counts = [end, 3, end - 1, 257, 256, 255, 0]
    states = run("(counts) => counts.map((count) => reader.stateAfter(count))", counts)
    assert states == [as_json(trace.state_after(count)) for count in counts]


def test_the_bodies_of_messages_are_whole(run: Run, trace: Trace) -> None:
    bodies = run("() => reader.messages.map(({ body }) => body)")
    assert bodies == [as_json(flight.message) for flight in trace.messages]


def test_a_fork_read_with_its_parent_is_the_whole_run(page: Page, run: Run, trace: Trace) -> None:
    branch = trace.scenario.at(1300, crash("S3")).run()
    tail = branch.to_json(branch.fork(trace, 1_300_000))
    same = page.evaluate(
        """([tail, whole]) => {
          const fork = new lib.TraceReader(JSON.parse(tail), reader);
          const alone = new lib.TraceReader(JSON.parse(whole));
          const told = (run) => JSON.stringify([run.events, run.messages, run.operations]);
          const counts = [100, 256, alone.events.length];
          const states = (run) => JSON.stringify(counts.map((count) => run.stateAfter(count)));
          const alike = [told(fork) === told(alone), states(fork) === states(alone)];
          return [...alike, fork.messages.length];
        }""",
        [tail, branch.to_json()],
    )
    assert same == [True, True, len(branch.messages)]


def test_what_did_not_change_is_shared_and_not_copied(run: Run) -> None:
    shared = run("""() => {
      const [before, after] = [reader.stateAfter(300), reader.stateAfter(301)];
      return reader.servers.filter((name) => before[name] === after[name]).length;
    }""")
    assert shared >= 4


def test_events_count_from_the_moment_in_which_they_happen(run: Run, trace: Trace) -> None:
    times = [0, trace.events[50].time, trace.events[50].time - 1, trace.duration]
    counts = run("(times) => times.map((time) => reader.countAt(time))", times)
    assert counts == [sum(e.time <= time for e in trace.events) for time in times]


def test_in_flight_is_what_was_sent_and_is_not_yet_due(run: Run, trace: Trace) -> None:
    times = list(range(0, trace.duration, 9973))
    found = run("(times) => times.map((t) => reader.flightsAt(t).map(({ id }) => id))", times)
    assert any(found)
    assert found == [
        [i for i, f in enumerate(trace.messages) if f.sent <= time < f.due] for time in times
    ]


@pytest.mark.parametrize(
    ("faults", "links"),
    [
        ([cut("S1", "S2")], {"S1>S2", "S2>S1"}),
        ([cut("S1", "S2", one_way=True)], {"S1>S2"}),
        ([cut("S1", "S2"), heal("S1", "S2")], set()),
        ([cut("S1", "S2"), cut("S2", "S3"), heal()], set()),
        ([partition(["S1"], ["S2", "S3"])], {"S1>S2", "S2>S1", "S1>S3", "S3>S1"}),
    ],
)
def test_the_links_that_faults_cut_are_known(
    read: Callable[[Trace], None], page: Page, faults: list[Any], links: set[str]
) -> None:
    read(Scenario(Raft, servers=3, seed=1, duration=100).at(50, *faults).run())
    cuts = page.evaluate("() => [...reader.cutAfter(reader.events.length)]")
    assert set(cuts) == links


def test_a_dropped_message_flies_until_it_is_dropped(
    read: Callable[[Trace], None], page: Page
) -> None:
    calm = Scenario(Raft, seed=4).run(400)
    number = next(i for i, f in enumerate(calm.messages) if f.sent > 200_000)
    middle = (calm.messages[number].sent + calm.messages[number].due) // 2
    read(Scenario(Raft, seed=4).at(middle / 1000, drop(number)).run(400))
    flies = "([time, id]) => reader.flightsAt(time).some((message) => message.id === id)"
    seen = [page.evaluate(flies, [time, number]) for time in (middle - 1, middle)]
    assert seen == [True, False]
    assert page.evaluate("(id) => reader.messages[id].due", number) == calm.messages[number].due


def test_before_any_fault_no_link_is_cut(run: Run) -> None:
    assert run("() => reader.cutAfter(3).size") == 0


def facts(run: Run, fields: dict[str, Any], durable: list[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = run("([f, d]) => lib.factsOf(f, d)", [fields, durable or []])
    return found


def test_a_class_with_none_of_the_usual_fields_is_read_too(run: Run) -> None:
    found = facts(run, {"colour": "red"})
    assert (found["role"], found["term"], found["log"]) == ("", None, None)
    assert found["status"] == "up"


def test_fields_of_the_wrong_kind_do_no_harm(run: Run) -> None:
    found = facts(run, {"role": 7, "log": "abc", "votes": 3, "current_term": "IV"})
    assert (found["role"], found["log"], found["votes"]) == ("", None, [])


def test_of_a_crashed_server_only_the_disk_is_left(run: Run) -> None:
    fields = {"status": "down", "role": "leader", "current_term": 4, "log": [1, 2, 3]}
    disk = {"disk.current_term": 3, "disk.log": [1, 2]}
    found = facts(run, {**fields, **disk}, ["current_term", "log"])
    assert (found["role"], found["term"], found["log"]) == ("crashed", 3, [1, 2])


def test_entries_that_a_crash_would_lose_are_told_apart(run: Run) -> None:
    entries = [{"term": 1}, {"term": 1}, {"term": 2}]
    found = facts(run, {"log": entries, "disk.log": entries[:2]}, ["log"])
    assert found["onDisk"] == 2
    assert found["saving"]


@pytest.mark.parametrize(("on_disk", "kept"), [(2, 3), (1, 4), (0, 1)])
def test_a_log_that_begins_after_a_snapshot_keeps_its_indexes(
    run: Run, on_disk: int, kept: int
) -> None:
    """The disk may still hold an older snapshot, with more of the log behind it."""
    entries = [{"term": 1, "index": index} for index in range(6)]
    memory = {"log": entries[2:5], "snapshot": {"last_index": 2}}
    disk = {"disk.log": entries[on_disk:kept], "disk.snapshot": {"last_index": on_disk}}
    found = facts(run, {**memory, **disk}, ["log", "snapshot"])
    assert (found["compacted"], found["last"], found["onDisk"]) == (2, 5, max(2, kept))


def test_of_two_leaders_the_one_of_the_newer_term_leads(run: Run) -> None:
    leaders = {"S1": {"role": "leader", "term": 2}, "S2": {"role": "leader", "term": 3}}
    assert run("(facts) => lib.leaderOf(facts)", leaders) == "S2"


def test_a_trace_with_a_quarter_of_a_million_messages_is_read(page: Page, run: Run) -> None:
    count = page.evaluate("""() => {
      const ping = (_, i) => ["S1", "S2", i, "Ping", {}, i + 100, "delivered"];
      const messages = Array.from({ length: 250000 }, ping);
      const trace = { servers: ["S1", "S2"], messages, events: [[0, "start", "S1"]] };
      return new lib.TraceReader({ ...trace, duration: 250100 }).flightsAt(125000).length;
    }""")
    assert count == 100
