"""All that is drawn. Reads a Trace, a History or a Verdict; writes nothing back.

`view` is the one way in. Each kind of thing is drawn by the module that knows how, loaded when it
is first needed, so that importing the package stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ConsensusLabError

if TYPE_CHECKING:
    from .widget import View


def view(thing: Any, **options: Any) -> View:
    """Show `thing` live.

    A scenario or trace is a moving cluster, one of Byzantine generals their ring and its rounds, a
    list of them are runs side by side; a history or verdict has lanes, a graph is a graph, and a
    position is a place on the map of models. A view is shown as it is.

    Displayed in a notebook it is a widget; where no widget runs, its still picture is shown. The
    options are those of ClusterView, GeneralsView, SideBySideView and TimelineView.
    Raises ConsensusLabError for a thing that has no picture.
    """
    from ..clocks import Diagram
    from ..consistency.lattice import Position
    from ..consistency.verdict import Verdict
    from ..graph import Graph
    from ..history import History
    from ..protocols.byzantine.general import General
    from ..simulation.scenario import Scenario
    from ..simulation.trace import Trace
    from .widget import View as Widget

    if isinstance(thing, Widget):
        return thing
    if isinstance(thing, Scenario):
        thing = thing.run()
    if isinstance(thing, list | tuple):
        thing = [each.run() if isinstance(each, Scenario) else each for each in thing]
    if isinstance(getattr(thing, "trace", None), Trace):  # a finding, or the error of a handler
        options.setdefault("at", getattr(thing, "moment", None))
        thing = thing.trace
    if isinstance(thing, list | tuple) and all(isinstance(each, Trace) for each in thing):
        from .side_by_side import SideBySideView

        return SideBySideView(thing, **options)
    if isinstance(thing, Trace) and issubclass(thing.scenario.protocol, General):
        from .generals import GeneralsView

        return GeneralsView(thing, **options)
    if isinstance(thing, Trace):
        from .cluster import ClusterView

        return ClusterView(thing, **options)
    if isinstance(thing, History | Verdict):
        from .timeline import TimelineView

        return TimelineView(thing, **options)
    if isinstance(thing, Graph):
        from .graph import GraphView

        return GraphView(thing, **options)
    if isinstance(thing, Position):
        from .position import PositionView

        return PositionView(thing, **options)
    if isinstance(thing, Diagram):
        from .diagram import DiagramView

        return DiagramView(thing, **options)
    raise ConsensusLabError(
        f"view() does not know how to draw {type(thing).__name__}. "
        "Give it a Scenario, a Trace, a list of these, a History, a Verdict, a Graph, a Position "
        "or a Diagram."
    )


__all__ = ["view"]
