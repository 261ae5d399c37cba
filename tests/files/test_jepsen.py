"""Jepsen's histories, as EDN and as log lines."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import Text
from consensus_lab.consistency.serializable import serializable
from consensus_lab.errors import HistoryError
from consensus_lab.files import guess, read
from consensus_lab.files.source import Source
from consensus_lab.history import History, Mark


def edn(text: str) -> History:
    return read(Source("a.edn", text.encode()), "edn")


def log(text: str) -> History:
    return read(Source("a.log", text.encode()), "jepsen-log")


def drawn(history: History) -> list[str]:
    return [f"{o.process} {o}" for o in history]


REGISTER = """
{:type :invoke, :f :write, :value 3, :process 0, :time 100, :index 0}
{:type :invoke, :f :read, :value nil, :process 1, :time 150, :index 1}
{:type :ok, :f :write, :value 3, :process 0, :time 200, :index 2}
{:type :ok, :f :read, :value 3, :process 1, :time 260, :index 3}
"""


def test_an_invocation_and_its_completion_are_an_operation() -> None:
    history = edn(REGISTER)
    assert drawn(history) == ["P0 W(x,3)", "P1 R(x)3"]
    assert [(o.start, o.end) for o in history] == [(100, 200), (150, 260)]
    assert history.ticks_per_ms == 1_000_000


@pytest.mark.parametrize(
    "form",
    [
        "[" + REGISTER + "]",
        "(" + REGISTER + ")",
        REGISTER.replace("{:type", "#jepsen.history.Op{:type"),
        REGISTER.replace(", :process", ",\n   :process"),
        REGISTER.replace(":index", ':error [:oh "no"], :link {:a #{1}}, :index'),
    ],
)
def test_the_same_history_in_other_forms(form: str) -> None:
    assert edn(form) == edn(REGISTER)


def test_without_times_only_the_order_counts() -> None:
    history = edn(re.sub(", :time [0-9]+", "", REGISTER))
    assert [(o.start, o.end) for o in history] == [(0, 2), (1, 3)]
    assert history.ticks_per_ms is None


def test_events_at_the_same_time_keep_their_order() -> None:
    history = edn(REGISTER.replace(":time 200", ":time 150").replace(":time 260", ":time 150"))
    assert [(o.start, o.end) for o in history] == [(100, 151), (150, 152)]


CAS = """
{:process 0 :type :invoke :f :write :value 1}
{:process 0 :type :ok     :f :write :value 1}
{:process 1 :type :invoke :f :cas   :value [1 2]}
{:process 1 :type :ok     :f :cas   :value [1 2]}
{:process 2 :type :invoke :f :cas   :value [1 3]}
{:process 2 :type :fail   :f :cas   :value [1 3]}
{:process 0 :type :invoke :f :cas   :value [2 4]}
{:process 0 :type :info   :f :cas   :value :timed-out}
{:process 0 :type :invoke :f :read  :value nil}
{:process 1 :type :invoke :f :write :value 9}
"""


def test_ok_fail_info_and_no_completion_are_the_outcomes() -> None:
    history = edn(CAS)
    assert drawn(history) == [
        "P0 W(x,1)",
        "P1 C(x,1,2)",
        "P2 C(x,1,3)!",
        "P0 C(x,2,4)",
        "P0' R(x)",
        "P1 W(x,9)",
    ]
    outcomes = ["ok", "ok", "failed", "unknown", "unknown", "unknown"]
    assert [o.outcome for o in history] == outcomes


def test_a_process_that_goes_on_after_an_unknown_outcome_has_a_new_name() -> None:
    line = "{:process 0 :type :%s :f :write :value 1}\n"
    history = edn((line % "invoke" + line % "info") * 3)
    assert history.processes == ("P0", "P0'", "P0''")


def test_the_nemesis_makes_marks() -> None:
    history = edn(
        "{:process :nemesis :type :info :f :start :time 5 :value [:isolated {:n1 #{:n2}}]}"
        + REGISTER
    )
    assert history.marks == (Mark(5, "nemesis start isolated n1: n2"),)
    assert len(history) == 2


def test_pairs_of_independent_are_keys() -> None:
    history = edn(
        """
        {:process 0 :type :invoke :f :write :value [7 1]}
        {:process 0 :type :ok     :f :write :value [7 1]}
        {:process 1 :type :invoke :f :cas   :value [8 [1 2]]}
        {:process 1 :type :info   :f :cas   :value nil}
        {:process 0 :type :invoke :f :read  :value [7 nil]}
        {:process 0 :type :ok     :f :read  :value [7 1]}
        """
    )
    assert drawn(history) == ["P0 W(7,1)", "P1 C(8,1,2)", "P0 R(7)1"]


def test_one_request_that_is_no_pair_makes_all_of_them_values() -> None:
    history = edn(
        """
        {:process 0 :type :invoke :f :write :value [7 1]}
        {:process 1 :type :invoke :f :read  :value nil}
        """
    )
    assert [(o.key, o.args) for o in history] == [("x", ((7, 1),)), ("x", ())]


KEY_VALUE = """
{:process 0, :type :invoke, :f :append, :key "k", :value "x 0 0 y"}
{:process 0, :type :ok, :f :append, :key "k", :value "x 0 0 y"}
{:process 1, :type :invoke, :f :put, :key "j", :value "z"}
{:process 1, :type :ok, :f :put, :key "j", :value "z"}
{:process 0, :type :invoke, :f :append, :key "k", :value "x 0 1 y"}
{:process 0, :type :ok, :f :append, :key "k", :value "x 0 1 y"}
{:process 1, :type :invoke, :f :get, :key "k", :value nil}
{:process 1, :type :ok, :f :get, :key "k", :value "x 0 0 yx 0 1 y"}
"""


def test_key_value_operations_have_their_key_with_them() -> None:
    assert drawn(edn(KEY_VALUE)) == [
        'P0 A(k,"x 0 0 y")',
        "P1 W(j,z)",
        'P0 A(k,"x 0 1 y")',
        'P1 R(k)"x 0 0 yx 0 1 y"',
    ]


def test_a_text_without_an_append_is_impossible() -> None:
    assert linearizable(edn(KEY_VALUE), Text())
    assert linearizable(edn(KEY_VALUE.replace("x 0 0 yx", "x")), Text()).holds is False


def test_a_text_that_is_nil_is_empty() -> None:
    read = '{:process 3, :type :%s, :f :get, :key "k", :value nil}\n'
    assert edn(read % "invoke" + read % "ok" + KEY_VALUE)[0].result == ""


TRANSACTIONS = """
{:type :invoke, :f :txn, :value [[:r 1 nil] [:append 9 11]], :process 1, :time 1}
{:type :ok, :f :txn, :value [[:r 1 nil] [:append 9 11]], :process 1, :time 2}
{:type :invoke, :f :txn, :value [[:r 9 nil] [:w 4 5] [:append 1 3]], :process 0, :time 3}
{:type :ok, :f :txn, :value [[:r 9 [11]] [:w 4 5] [:append 1 3]], :process 0, :time 4}
"""


def test_a_transaction_is_one_operation() -> None:
    last = edn(TRANSACTIONS)[-1]
    assert (last.kind, last.key) == ("txn", None)
    assert last.args == (("read", 9, None), ("write", 4, 5), ("append", 1, 3))
    assert last.result == (("read", 9, (11,)), ("write", 4, 5), ("append", 1, 3))


def test_a_list_that_is_nil_is_empty() -> None:
    assert edn(TRANSACTIONS)[0].result == (("read", 1, ()), ("append", 9, 11))
    assert serializable(edn(TRANSACTIONS))


@pytest.mark.parametrize(
    ("f", "asked", "told", "drawing"),
    [
        ("enqueue", "5", "5", "enqueue(x,5)"),
        ("dequeue", "nil", "5", "dequeue(x)5"),
        ("add", "2", "2", "add(x,2)"),
        ("increment", "2", "nil", "increment(x,2)"),
        ("acquire", "nil", "nil", "acquire(x)"),
    ],
)
def test_other_objects_are_read_too(f: str, asked: str, told: str, drawing: str) -> None:
    line = "{:process 0 :type :%s :f :%s :value %s}\n"
    history = edn(line % ("invoke", f, asked) + line % ("ok", f, told))
    assert drawn(history) == [f"P0 {drawing}"]


def test_a_set_may_be_read_as_a_set() -> None:
    line = "{:process 0 :type :%s :f :read :value %s}\n"
    history = edn(line % ("invoke", "nil") + line % ("ok", "#{3 1}"))
    assert history[0].result == frozenset({1, 3})


# -- log lines --


LOG = """INFO  jepsen.core - Worker 0 starting
INFO  jepsen.util - 0\t:invoke\t:write\t3
INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]
WARN  jepsen.core - Process 3 indeterminate
java.lang.IllegalMonitorStateException
INFO  jepsen.util - 0\t:ok\t:write\t3
INFO  jepsen.util - :nemesis\t:info\t:start\tnil
INFO  jepsen.util - 1\t:info\t:cas\t:timed-out
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 0\t:ok\t:read\t3
"""


def test_the_events_of_a_log_are_read_and_the_rest_is_left_out() -> None:
    history = log(LOG)
    assert drawn(history) == ["P0 W(x,3)", "P1 C(x,3,4)", "P0 R(x)3"]
    assert [(o.start, o.end) for o in history] == [(0, 2), (1, None), (5, 6)]
    assert history.marks == (Mark(3, "nemesis start"),)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "INFO  jepsen.util - ",
        "INFO [2021-02-08 11:17:57,842] jepsen worker 0 - jepsen.util ",
        "2025-01-20 12:08:03,850{GMT}\tINFO\t[jepsen worker 0] jepsen.util: ",
    ],
)
def test_what_the_logger_puts_in_front_does_not_matter(head: str) -> None:
    events = ["0\t:invoke\t:write\t[0 2]", "0\t:ok\t:write\t[0 2]", "0  :invoke :cas  [0 [2 3]]"]
    history = log("\n".join(head + event for event in events))
    assert drawn(history) == ["P0 W(0,2)", "P0 C(0,2,3)"]


def test_an_error_behind_the_value_is_left_out() -> None:
    text = (
        '0\t:invoke\t:txn\t[[:append 79 3]]\n0\t:fail\t:txn\t[[:append 79 3]]\t[:txn "CAS failed!"]'
    )
    assert log(text)[0].outcome == "failed"


# -- mistakes --


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("{:process 0 :type :ok :f :read}", "line 1, column 1", "expected :invoke"),
        (REGISTER.replace(":ok, :f :write", ":invoke, :f :write"), "line 4, column 1", "P0 asks"),
        (REGISTER.replace(":ok, :f :read", ":ok, :f :write"), "line 5, column 1", "expected :read"),
        (
            REGISTER.replace(":ok, :f :read", ":okay, :f :read"),
            "line 5, column 1",
            "expected :type",
        ),
        (REGISTER.replace(":process 1", ":process nil"), "line 3, column 1", "expected a :process"),
        (REGISTER.replace(":f :read", ":f 7"), "line 3, column 1", "expected an :f"),
        (REGISTER.replace("{:type :ok", " 5 {:type :ok"), "line 4, column 2", "expected an event"),
        (REGISTER.replace("100,", '"100'), "line 2, column 56", 'expected a "'),
        (CAS.replace("[1 3]", "13"), "line 6, column 1", "expected [old new]"),
        (TRANSACTIONS.replace("[:w 4 5]", "[:w 4]"), "line 4, column 1", "expected [:r key nil]"),
        (
            TRANSACTIONS.replace("[[:r 9 [11]]", "#{[:r 9 [11]]").replace(
                "3]], :process 0, :time 4", "3]}, :process 0, :time 4"
            ),
            "line 4, column 1",
            "expected a vector",
        ),
        (REGISTER.replace(":value 3", ":value {:a 1}"), "line 2, column 1", "can change"),
        ("[" + REGISTER, "line 5, column 64", "expected ]"),
    ],
)
def test_a_bad_event_is_named_with_file_line_and_column(
    text: str, place: str, problem: str
) -> None:
    with pytest.raises(HistoryError) as caught:
        edn(text)
    assert str(caught.value).startswith(f"a.edn, {place}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        ("INFO  jepsen.util - 0\t:okay\t:read\t3", 23, "expected :invoke, :ok, :fail or :info"),
        ("INFO  jepsen.util - 0\t:invoke\tread\tnil", 31, "expected a function"),
        ("INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2", 36, "expected ]"),
        ("INFO  jepsen.util - 0\t:invoke\t:cas\t", 36, "expected a value"),
        ("INFO  jepsen.util - 0\t:ok\t:read\t3", 21, "expected :invoke"),
        ("nothing of the kind", 1, "expected lines such as"),
    ],
)
def test_a_bad_line_of_a_log_is_named_with_its_column(line: str, column: int, problem: str) -> None:
    with pytest.raises(HistoryError) as caught:
        log(line)
    assert str(caught.value).startswith(f"a.log, line 1, column {column}: ")
    assert problem in str(caught.value)


# -- whatever comes --


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 700), st.integers(0, 30), st.text(max_size=4), st.sampled_from("rclkt"))
def test_a_damaged_file_is_a_history_or_an_error_in_words(
    place: int, length: int, new: str, which: str
) -> None:
    text = {"r": REGISTER, "c": CAS, "l": LOG, "k": KEY_VALUE, "t": TRANSACTIONS}[which]
    damaged = text[:place] + new + text[place + length :]
    with suppress(HistoryError):
        read(Source("a", damaged.encode()))


@settings(max_examples=300, deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_history_or_an_error_in_words(raw: bytes) -> None:
    with suppress(HistoryError):
        read(Source("a", raw), "jepsen-log")
    with suppress(HistoryError):
        read(Source("a", raw), "edn")


@pytest.mark.parametrize(
    ("text", "format"),
    [
        (REGISTER, "edn"),
        ("; a comment\n[]", "edn"),
        (LOG, "jepsen-log"),
        ("2025-01-20 12:08:03,850{GMT}\tINFO\t[jepsen worker 0] jepsen.util: 0", "jepsen-log"),
        ("INFO [2021-02-08 11:17:57,842] jepsen worker 0 - jepsen.util 0", "jepsen-log"),
        ('\n{"process": "A"}', "jsonl"),
        ("P1:  [W(x,1)]", "drawing"),
        ("# a comment\nP1:  [W(x,1)]", "drawing"),
    ],
)
def test_the_format_is_guessed_from_the_beginning(text: str, format: str) -> None:
    assert guess(text) == format
