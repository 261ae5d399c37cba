"""What a check of an exercise says when an answer is not right yet."""

from __future__ import annotations

from ..errors import ConsensusLabError


class CheckFailed(ConsensusLabError):  # noqa: N818  # read by learners: a check, not an error
    """An answer breaks a property. The message names the property and says what happened.

    `evidence` shows it: the smallest scenario that fails, a trace, a history, a verdict; whatever
    `view` can draw. Jupyter draws it above the message, ready to play.
    """

    def __init__(self, message: str, evidence: object = None) -> None:
        super().__init__(message)
        self.evidence = evidence
        self.shown = False

    def _render_traceback_(self) -> list[str]:
        if self.evidence is not None and not self.shown:
            self.shown = True  # IPython renders twice: to show the error, and to keep its text
            from IPython.display import display

            from ..views import view

            display(view(self.evidence))  # type: ignore[no-untyped-call]
        return super()._render_traceback_()
