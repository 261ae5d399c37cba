"""What the cluster view says of stores: values, operations and questions in a few letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import Raft, Scenario, cut, heal, partition
from consensus_lab.views.assets import STATIC, module
from consensus_lab.views.colours import TERM_COLOURS, recoloured_terms
from consensus_lab.views.cuts import cut_links

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOAD = """async (modules) => {
  for (const [name, code] of Object.entries(modules)) {
    const file = new Blob([code], { type: "text/javascript" });
    window[name] = await import(URL.createObjectURL(file));
  }
}"""

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def call(browser: Browser) -> Iterator[Call]:
    """Calls a function of a module in the browser."""
    page = browser.new_page()
    names = ["words", "whatif", "trace", "palette", "overview"]
    page.evaluate(LOAD, {name: module(f"{name}.js") for name in names})
    yield lambda name, *args: page.evaluate(f"(args) => {name}(...args)", list(args))
    page.close()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        ({}, "{}"),
        ([1, [2, 3]], "[1, [2, 3]]"),
        ({"x": 1, "y": "a"}, "x=1 y=a"),
        ({"x": {"value": 5, "time": 3.5, "server": "S1"}}, "x = 5 @3.5 S1"),
        ({"x": {"counts": {"S1": 2}}, "y": {"counts": {}}}, "x = (S1=2)\ny = {}"),
        ({"x": {"added": [1], "removed": []}}, "x = (added=[1] removed=[])"),
    ],
)
def test_what_a_server_holds_is_written_in_few_letters(call: Call, value: Any, words: str) -> None:
    assert call("words.fieldInShort", value) == words


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (["write", "x", 4], "x=4"),
        (["read", "x"], "x?"),
        (["increment", "x", 2], "increment x 2"),
        (["txn", None, ["read", "y", None], ["append", "y", 9]], "R(y) A(y,9)"),
        (["txn", None, ["write", "x", 1]], "W(x,1)"),
    ],
)
def test_operations_are_written_as_in_a_log(call: Call, operation: Any, words: str) -> None:
    assert call("words.operationInShort", operation) == words


def members(voters: str, learners: str = "", old: str = "") -> dict[str, list[str]]:
    """A configuration as in a trace."""
    return {"voters": voters.split(), "learners": learners.split(), "old": old.split()}


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (members("S1 S2 S3"), "{123}"),
        (members("S1 S2 S3", learners="S4"), "{123}+4"),
        (members("S3 S4 S5", old="S1 S2 S3"), "123→345"),
        (members("S1 S10"), "{1 10}"),
    ],
)
def test_a_configuration_in_a_log_is_written_in_few_letters(
    call: Call, configuration: Any, words: str
) -> None:
    assert call("words.entryInShort", {"term": 1, "command": configuration}) == words


def test_a_configuration_on_a_card_has_all_names(call: Call) -> None:
    joint = members("S3 S4", learners="S5", old="S1 S2")
    assert call("words.serverFieldInWords", "configuration", joint) == "S1 S2 → S3 S4 + S5"


@pytest.mark.parametrize(
    ("target", "says", "order"),
    [("S2", "remove S2", "remove_server"), ("S4", "add S4", "add_server")],
)
def test_a_server_can_be_ordered_to_join_or_to_go(
    call: Call, target: str, says: str, order: str
) -> None:
    leader = {"role": "leader", "status": "up", "term": 1, "members": members("S1 S2 S3")}
    other = {"role": "follower", "status": "up", "term": 1, "members": None, "timers": {}}
    facts = {"S1": leader, "S2": other, "S4": other}
    moment = {"target": target, "facts": facts, "cut": {}, "servers": [], "client": "A"}
    action = call("whatif.actionsFor", {**moment, "questions": {"write": ["x"], "read": ["x"]}})
    fault = {"fault": "reconfigure", "server": "S1", "change": order, "members": [target]}
    assert (action["member"]["says"], action["member"]["fault"]) == (says, fault)
    assert not action["member"]["hidden"]


@pytest.mark.parametrize(
    ("name", "role", "words"),
    [
        ("S1", "follower", "follower"),
        ("S4", "follower", "learner"),
        ("S5", "follower", "no member"),
        ("S5", "leader", "leader"),
    ],
)
def test_a_follower_without_a_vote_is_called_what_it_is(
    call: Call, name: str, role: str, words: str
) -> None:
    facts = {"role": role, "members": members("S1 S2 S3", learners="S4")}
    assert call("words.standingInWords", name, facts) == words


@pytest.mark.parametrize(
    ("kind", "args", "result", "words"),
    [
        ("increment", [2], None, "it is done"),
        ("dequeue", [], 7, "7"),
        ("txn", [["read", "y", None]], [["read", "y", [1, 2]]], "R(y)[1, 2] is committed"),
    ],
)
def test_answers_are_told(call: Call, kind: str, args: Any, result: Any, words: str) -> None:
    asked = {"kind": kind, "key": "x", "args": args, "result": result, "outcome": "ok"}
    assert call("words.answerInWords", asked) == words


@pytest.mark.parametrize(
    ("asked", "write", "read"),
    [
        ([], ["write", "x", 101], ["read", "x"]),
        ([("increment", [1])], ["increment", "x", 1], ["read", "x"]),
        ([("add", [3]), ("remove", [3])], ["add", "x", 101], ["read", "x"]),
        ([("append", [102])], ["append", "x", 103], ["read", "x"]),
        (
            [("txn", [["append", "x", 200]])],
            ["txn", None, ["append", "x", 201]],
            ["txn", None, ["read", "x", None]],
        ),
    ],
)
def test_you_ask_of_the_object_that_the_others_use(
    call: Call, asked: Any, write: Any, read: Any
) -> None:
    operations = [{"kind": kind, "args": args} for kind, args in asked]
    value = call("whatif.freshValue", operations)
    assert call("whatif.questionsFor", operations, value) == {"write": write, "read": read}


@pytest.mark.parametrize(
    ("offset", "size", "title"),
    [
        (8, 8, "InstallSnapshot (chunk 2 of 4), S1 → S2"),
        (24, 6, "InstallSnapshot (the last chunk), S1 → S2"),
        (0, 30, "InstallSnapshot (all of it), S1 → S2"),
    ],
)
def test_a_chunk_of_a_snapshot_says_which_one_it_is(
    call: Call, offset: int, size: int, title: str
) -> None:
    body = {"offset": offset, "size": size, "total": 30, "snapshot": None}
    message = {"kind": "InstallSnapshot", "from": "S1", "to": "S2", "sent": 0, "due": 1}
    assert call("words.messageInWords", {**message, "body": body})["title"] == title


def test_a_snapshot_is_told_by_where_it_ends_and_what_it_holds(call: Call) -> None:
    machine = {"machine": {"data": {"x": 4}}, "sessions": {}}
    snapshot = {"last_index": 12, "last_term": 2, "machine": machine}
    told = call("words.serverFieldInWords", "snapshot", snapshot)
    assert told == "up to index 12, term 2: x=4"
    assert call("words.serverFieldInWords", "snapshot", {"last_index": 0}) == "none yet"


def test_a_refusal_looks_like_an_answer_that_says_no(call: Call) -> None:
    refusal, answer = (call("palette.lookOf", f"Client{kind}") for kind in ("Refusal", "Reply"))
    assert refusal == answer
    assert call("palette.signOf", "ClientRefusal", {"why": "no contact"}) == "−"


@pytest.mark.parametrize("time", [100, 350, 450, 550, 650])
def test_the_browser_and_the_still_agree_on_what_is_cut(call: Call, time: float) -> None:
    scenario = Scenario(Raft, servers=3, seed=7, clients=1, duration=700)
    scenario = scenario.at(300, partition(["S1", "A"], ["S2", "S3"])).at(400, heal("S1", "S2"))
    trace = scenario.at(500, cut("S2", "S3", one_way=True)).at(600, heal()).run()
    read = """((text, time) => {
      const reader = new trace.TraceReader(JSON.parse(text));
      return [...reader.cutAfter(reader.countAt(time))].sort();
    })"""
    links = call(read, trace.to_json(), time * 1000)
    assert links == sorted(f"{a}>{b}" for a, b in cut_links(trace, time))


def test_no_module_asks_for_a_number_format_at_each_call() -> None:
    """It takes longer than all else that a frame does."""
    for path in STATIC.glob("*.js"):
        assert "toLocaleString" not in path.read_text("utf-8")


def test_the_live_view_colours_the_terms_of_a_run_as_the_still_does(call: Call) -> None:
    terms: list[Any] = [None, 0, 1, 57, [0, ""], [1, "S5"], [2, "S2"], *range(60, 70)]
    live = call("((terms) => [...palette.recolouredTerms(terms)])", terms)
    still = recoloured_terms(tuple(term) if isinstance(term, list) else term for term in terms)
    assert live == [[f"{number}.{name}", place] for (number, name), place in still.items()]


def test_a_term_has_another_colour_where_its_own_is_taken(call: Call) -> None:
    painted = "(([term, ...run]) => palette.termColour(term, palette.recolouredTerms(run)))"
    assert call(painted, [57, 1, 57]) != call(painted, [1, 1, 57]) == TERM_COLOURS[1]


def test_short_stretches_of_terms_are_put_together_where_there_are_many(call: Call) -> None:
    ends = [0, 400, *range(500, 570, 10), 900, 905, 1000]
    bands = [
        {"from": begin, "to": end, "term": term}
        for term, (begin, end) in enumerate(pairwise(ends), 1)
    ]
    gathered = call("overview.gathered", bands, 20)
    assert [band["term"] for band in gathered] == [1, 2, 3, 9, 10, 11]
    assert gathered[2] == {"from": 500, "to": 560, "term": 3, "last": 8, "many": 6}


def test_requests_that_are_kept_by_their_digests_are_shown_by_what_they_ask(call: Call) -> None:
    asked = [{"client": "A", "sequence": n, "operation": ["write", "x", n]} for n in (1, 2)]
    assert call("words.fieldInShort", dict(zip("de", asked, strict=True))) == "x=1\nx=2"
