"""A history that can be drawn with the mouse or the keys, and the verdicts that follow at once.

drawing = edit(\"\"\"
P1:  [W(x,1)]   [W(x,2)]
P2:        [R(x)1]
\"\"\", linearizable)
drawing                  # drag the end of the read
drawing.history          # the history as it stands now; print it and it is a drawing in letters
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import traitlets

from ..consistency.linearizable import linearizable
from ..consistency.verdict import Verdict
from ..errors import ConsensusLabError, HistoryError
from ..history import History, Operation
from ..notation import Reader, spell
from .assets import module, stylesheet
from .story import Story
from .timeline import describe, still
from .widget import View

Check = Callable[[History], Verdict]

LONGEST = 400
"""Columns that a drawing may have."""

MOST = 60
"""Operations that a drawing may have."""


def edit(drawing: History | str, *checks: Check) -> HistoryEditor:
    """Let `drawing` be changed by hand, and judge it anew by each of `checks` after each change.

    drawing  a history without a clock, or its text as `parse` reads it
    checks   checkers such as `linearizable` and `sequential`: functions of a history that give a
             Verdict. `linearizable` unless told

    Raises HistoryError for a text that is no drawing, or a history too large to be drawn by hand.
    """
    history = History.parse(drawing) if isinstance(drawing, str) else drawing
    return HistoryEditor(history, *(checks or (linearizable,)))


class HistoryEditor(View):
    """A history as bars that can be dragged. `history` and `verdicts` are those of the drawing as
    it stands, or as it stood when it last was a history.

    The browser sets `drawing`: {"edit": number, "processes": names, "operations": [process, text,
    start, end] with times in columns, end None without an answer}. The kernel sets `answer`:
    {"edit", "verdicts", "problem"} where `problem` is [number of an operation or None, a sentence].
    """

    _esm = module("editor.js")
    _css = stylesheet("timeline.css", "editor.css", "projector.css")

    drawing = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)

    def __init__(self, history: History, *checks: Check) -> None:
        if len(history) > MOST or any(_last(o) > LONGEST for o in history):
            raise HistoryError(
                f"A history to be drawn by hand has at most {MOST} operations and {LONGEST} "
                "columns: give a smaller one, such as a counterexample"
            )
        self.checks = checks
        self.history = history
        self.verdicts = [check(history) for check in checks]
        rows = [[o.process, spell(o), o.start, o.end] for o in history]
        super().__init__(
            drawing={"edit": 0, "processes": list(history.processes), "operations": rows},
            answer={"edit": 0, "verdicts": self.told(history.operations), "problem": None},
        )
        self.observe(self.judge, "drawing")

    def judge(self, change: Any) -> None:
        """The drawing has changed: say what each checker says of it, or what is wrong with it."""
        drawing, verdicts, problem = change["new"], [], None
        try:
            operations = [read(number, *row) for number, row in enumerate(drawing["operations"])]
            history = History(operations, processes=drawing["processes"])
            self.verdicts = [check(history) for check in self.checks]
            self.history, verdicts = history, self.told(operations)
        except MisdrawnError as error:
            problem = [error.number, str(error)]
        except ConsensusLabError as error:
            problem = [None, str(error)]
        self.answer = {"edit": drawing.get("edit"), "verdicts": verdicts, "problem": problem}

    def told(self, operations: Iterable[Operation]) -> list[dict[str, Any]]:
        """The verdicts, for the browser; `operations` in its order."""
        number = {operation: number for number, operation in enumerate(operations)}
        return [told_of(verdict, number) for verdict in self.verdicts]

    def still(self) -> str:
        """The timeline of the first verdict."""
        return still(Story.of(self.verdicts[0], MOST))

    def describe(self) -> str:
        """The drawing in letters, and what each checker says of it."""
        first, *others = self.verdicts
        return "\n".join([describe(Story.of(first, MOST)), *map(repr, others)])


class MisdrawnError(HistoryError):
    """The operation with this number in a drawing cannot be read."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number


def read(number: int, process: str, text: str, start: int, end: int | None) -> Operation:
    """One operation of a drawing. Raises MisdrawnError if its text is none."""
    front = "P: ["
    try:
        reader = Reader(f"{front}{text}]", 1)
        reader.at = len(front) - 1
        operation = reader.operation(process)
        if not reader.at_end():
            raise reader.fail("expected one operation and nothing more")
    except HistoryError as error:
        words = str(error).partition(": ")[2].partition("\n")[0]
        raise MisdrawnError(number, f"{text or 'Nothing'} is no operation: {words}") from None
    if end is None:
        return replace(operation, start=start, end=None, result=None, outcome="unknown")
    return replace(operation, start=start, end=end)


def told_of(verdict: Verdict, number: dict[Operation, int]) -> dict[str, Any]:
    """A verdict for the browser; operations by their numbers."""
    witness = verdict.witness
    order = getattr(witness, "order", None) or ()
    return {
        "model": verdict.model,
        "holds": verdict.holds,
        "words": verdict.explanation,
        "order": [number[operation] for operation in order],
        "points": getattr(witness, "points", None),
        "accused": [number[operation] for operation in verdict.counterexample or ()],
    }


def _last(operation: Operation) -> int:
    return operation.start if operation.end is None else operation.end
