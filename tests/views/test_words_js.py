"""What the cluster view says of stores: values, operations and questions in a few letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import Raft, Scenario, cut, heal, partition
from consensus_lab.views.assets import STATIC, module
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
    names = ["words", "whatif", "trace", "palette"]
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
