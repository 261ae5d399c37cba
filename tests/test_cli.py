"""The command, as a whole process: what it prints, where, and its exit status."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.cli import main
from consensus_lab.consistency.lattice import MODELS, checker
from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation.scenario import Scenario

from .conftest import ROOT

HOLDS = "A: [W(x,1)]   [R(x)1]"
STALE = "A: [W(x,1)]   [R(x)0]"
AMBIGUOUS = "A: [W(x,1)    ] [W(x,2)    ] [R(x)2]\nB: [W(x,2)    ] [W(x,1)    ] [R(x)1]"
SKEWED = "A: [W(x,1) R(y)0]\nB: [W(y,1) R(x)0]"
COMMAND = [sys.executable, "-m", "consensus_lab"]
LOG = "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\n"


def run(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=text,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


# -- whole processes --


def test_status_0_it_holds() -> None:
    done = run("check", "-", text=HOLDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("✓ Linearizability holds.")


def test_status_1_it_does_not_hold() -> None:
    done = run("check", "-", "--object", "cas-register", text=STALE)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("✗ Linearizability does not hold.")
    assert STALE in done.stdout


def test_status_2_the_input_is_bad() -> None:
    done = run("check", "-", text='{"process": "A"}')
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("consensus-lab: standard input, line 1, column 1: ")
    assert len(done.stderr.splitlines()) == 1


def test_status_2_an_option_is_bad() -> None:
    done = run("check", "-", "--model", "perfect", text=HOLDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert "invalid choice: 'perfect'" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_3_it_is_undecided() -> None:
    done = run("check", "-", "--budget", "1", text=AMBIGUOUS)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("? Linearizability is undecided.")


def test_status_130_it_was_interrupted() -> None:
    pipe = subprocess.PIPE
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background does not
    with subprocess.Popen(
        [*COMMAND, "check", "-"], cwd=ROOT, stdin=pipe, stderr=pipe, preexec_fn=heed
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b" " * 2_000_000)  # more than a pipe holds: so it is reading by now
        sleep(0.5)  # and by now it waits for more
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 130
        assert process.stderr.read() == b""


def test_a_reader_that_has_seen_enough_is_no_reason_for_a_traceback() -> None:
    done = subprocess.run(
        f"{sys.executable} -m consensus_lab check - --model strongest | head -c 1",
        input=HOLDS,
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


# -- in this process, for speed --


Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Run the command on a text: its status, what it printed, what it complained of."""

    def call(text: str, *arguments: str) -> tuple[int, str, str]:
        path = tmp_path / "history"
        path.write_text(text, "utf-8")
        status = main(["check", str(path), *arguments])
        return status, *capsys.readouterr()

    return call


@pytest.mark.parametrize("name", MODELS)
def test_every_model_can_be_asked(check: Check, name: str) -> None:
    transactions = MODELS[name].about == "transactions"
    status, printed, _ = check("A: [W(x,1) R(x)1]" if transactions else HOLDS, "--model", name)
    assert (status, printed[:1]) == (0, "✓")


@pytest.mark.parametrize("name", MODELS)
def test_every_verdict_can_be_had_as_json(check: Check, name: str) -> None:
    transactions = MODELS[name].about == "transactions"
    text = "A: [W(x,1) R(y)7]" if transactions else "A: [W(x,1)] [R(x)7]"
    status, printed, _ = check(text, "--model", name, "--json")
    answer = json.loads(printed)
    assert (answer["model"], answer["operations"]) == (name, 1 if transactions else 2)
    assert status == {True: 0, False: 1, None: 3}[answer["holds"]]


def test_a_verdict_as_json_says_all(check: Check) -> None:
    _, printed, _ = check(STALE, "--model", "causal", "--json")
    answer = json.loads(printed)
    assert answer["holds"] is False
    assert answer["anomaly"] == "WriteCOInitRead"
    assert [row["kind"] for row in answer["counterexample"]] == ["write", "read"]
    assert [(edge["from"], edge["to"]) for edge in answer["cycle"]] == [
        ("W(x,1)", "R(x)0"),
        ("R(x)0", "W(x,1)"),
    ]


def test_strongest_says_where_a_history_stands(check: Check) -> None:
    status, printed, _ = check(SKEWED, "--model", "strongest")
    assert status == 0
    assert printed.splitlines()[0] == "This history keeps to snapshot isolation."
    assert "✗ serializability" in printed


def test_strongest_as_json(check: Check) -> None:
    _, printed, _ = check(SKEWED, "--model", "strongest", "--json")
    answer = json.loads(printed)
    assert answer["strongest"] == ["snapshot-isolation"]
    assert answer["holds"]["serializable"] is False
    assert answer["holds"]["read-committed"] is True


def test_strongest_with_something_open_is_undecided(check: Check) -> None:
    status, printed, _ = check(AMBIGUOUS, "--model", "strongest", "--budget", "1")
    assert status == 3
    assert "? linearizability" in printed


def test_registers_of_jepsen_begin_with_nil(check: Check) -> None:
    assert check(LOG)[0] == 0
    assert check(LOG, "--model", "causal")[0] == 0
    assert check(LOG, "--initial", "0")[0] == 1
    assert check("A: [R(x)None]")[0] == 1
    assert check("A: [R(x)None]", "--initial", "null")[0] == 0


def test_a_zero_that_was_written_is_not_the_initial_nil(check: Check) -> None:
    late = "A: [W(x,0)]  [R(x)None]"
    assert check(late, "--initial", "null", "--model", "read-your-writes")[0] == 1
    assert check(late.replace("None", "0"), "--initial", "null", "--model", "causal")[0] == 0


@pytest.mark.parametrize(
    ("text", "object", "status"),
    [
        ("A: [enqueue(q,1)] [enqueue(q,2)] [dequeue(q)2]", "queue", 1),
        ("A: [push(q,1)] [push(q,2)] [pop(q)2]", "stack", 0),
        ("A: [add(c,2)] [add(c,3)] [read(c)5]", "counter", 0),
        ("A: [A(x,1)] [A(x,2)] [R(x)(1,2)]", "list-append", 0),
        ("A: [W(x,1)] [R(x)1]", "key-value", 0),
        ("A: [W(x,(1,))] [A(x,2)] [R(x)(1,2)]", "key-value", 0),
        ("A: [W(x,a)] [A(x,b)] [R(x)ab]", "key-value", 0),
    ],
)
def test_objects_by_their_names(check: Check, text: str, object: str, status: int) -> None:
    assert check(text, "--object", object)[0] == status


def test_the_object_is_guessed_from_what_was_done(check: Check) -> None:
    assert check("A: [push(q,1)] [push(q,2)] [pop(q)1]")[0] == 1


@pytest.mark.parametrize(
    ("text", "arguments", "complaint"),
    [
        ("A: [fly(x)]", [], "No object here knows all of fly"),
        ("A: [push(q,1)]", ["--object", "queue"], "Queue knows only enqueue, dequeue"),
        ("A: [push(q,1)]", ["--initial", "1"], "--initial is for registers and counters"),
        ("A: [C(x,0,1)]", ["--model", "causal"], "has no word on compare-and-set"),
        (SKEWED, ["--model", "linearizable"], "It can be checked for strict-serializable, "),
        ("A: [txn(None)1]", ["--model", "serializable"], "has the step 1"),
        ("A: [A(x,1) R(x)2]", ["--model", "serializable"], "a list is read as a tuple"),
        ("A: [increment(x)] [R(x)a]", [], "a read of a counter returns a number"),
        ("A: [W(x,(1,))] [W(x,2)] [A(x,3)] [R(x)()]", [], "a list is written as a whole"),
        (HOLDS, ["--format", "edn"], "line 1, column 1: expected an event"),
        ("", [], "is empty"),
        (HOLDS, ["--picture", "/nowhere/a.svg"], "/nowhere/a.svg cannot be written"),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(
    check: Check, text: str, arguments: list[str], complaint: str
) -> None:
    status, _, complained = check(text, *arguments)
    assert status == 2
    assert complained.startswith("consensus-lab: ")
    assert complaint in complained


@pytest.mark.parametrize(
    "arguments", [["--budget", "0"], ["--initial", "[1]"], ["--picture", "a.gif"]]
)
def test_options_say_what_was_expected(
    check: Check, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        check(HOLDS, *arguments)
    assert caught.value.code == 2
    assert "expected" in capsys.readouterr().err


def test_a_mistake_of_ours_is_a_sentence_too(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no such thing")

    monkeypatch.setattr("consensus_lab.commands.check.read", fail)
    status, _, complained = check(HOLDS)
    assert status == 2
    assert "please report it: ZeroDivisionError: no such thing" in complained


@pytest.mark.parametrize("model", ["linearizable", "causal", "strongest"])
def test_a_still_picture(check: Check, tmp_path: Path, model: str) -> None:
    path = tmp_path / "picture.svg"
    check(STALE, "--model", model, "--picture", str(path))
    assert path.read_text("utf-8").startswith("<svg ")


def test_every_checker_is_where_the_lattice_says() -> None:
    assert all(callable(checker(name)) for name in MODELS)


def test_the_command_that_is_installed_is_this_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"consensus-lab": f"{main.__module__}:{main.__name__}"}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40) | st.sampled_from([HOLDS, STALE, LOG]).map(str.encode), st.data())
def test_whatever_the_file_holds_there_is_a_status_and_never_a_traceback(
    raw: bytes, data: st.DataObject
) -> None:
    model = data.draw(st.sampled_from([*MODELS, "strongest"]))
    place = data.draw(st.integers(0, 60))
    damaged = raw[:place] + data.draw(st.binary(max_size=2)) + raw[place + 1 :]
    said, complained = StringIO(), StringIO()
    with NamedTemporaryFile() as file, redirect_stdout(said), redirect_stderr(complained):
        Path(file.name).write_bytes(damaged)
        status = main(["check", file.name, "--model", model])
    assert status in (0, 1, 2, 3)
    assert bool(complained.getvalue()) == (status == 2)
    assert "please report" not in complained.getvalue()


# -- pages --


def test_a_scenario_becomes_a_page(tmp_path: Path) -> None:
    file, target = tmp_path / "scenario.json", tmp_path / "page.html"
    Scenario(Raft, seed=7, duration=400).save(file)
    done = run("page", file, "-o", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text("utf-8").startswith("<!doctype html>")


def test_a_page_of_no_scenario_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = run("page", tmp_path / "none.json", "-o", tmp_path / "page.html")
    assert done.returncode == 2
    assert done.stderr.endswith("none.json cannot be read: No such file or directory\n")


def test_a_page_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    Scenario(Raft, duration=50).save(tmp_path / "scenario.json")
    done = run("page", tmp_path / "scenario.json", "-o", tmp_path / "none" / "page.html")
    assert done.returncode == 2
    assert done.stderr.endswith("page.html cannot be written: No such file or directory\n")
