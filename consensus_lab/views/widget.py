"""What every live view has in common: a still picture and a text alternative travel with it."""

from __future__ import annotations

import base64
from hashlib import sha256
from html import escape
from typing import Any

import anywidget
import traitlets

LIVE_VIEW = "application/vnd.jupyter.widget-view+json"

STILL = """<div data-still="{name}">{image}
<p><small>A still picture. Run its cell, and it moves.</small></p></div>
<style>.jp-OutputArea-child:has(+ * [data-still]) .jupyter-widgets:not(:has(*)) {{ display: none }}
</style>"""
"""What stands beside a live view, which hides it. JupyterLab has for a view without a kernel only
the words "model not found", and the style hides these; elsewhere it does nothing."""


class View(anywidget.AnyWidget):
    """A live view that also carries its own still picture.

    GitHub, a PDF, and a notebook opened before it is run show the still; a running one shows the
    live view, and hides the still that stands beside it (static/still.js). So when the kernel is
    gone and the page is loaded anew, there is something to see.
    """

    stand_in = traitlets.Unicode().tag(sync=True)
    """The name of the still that the live view hides; none before it was displayed."""

    def still(self) -> str:
        """The picture as SVG text: the same bytes for the same thing."""
        raise NotImplementedError

    def describe(self) -> str:
        """The text alternative: what the picture says, in words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        svg = self.still()
        encoded = base64.b64encode(svg.encode()).decode()
        # An untrusted notebook shows neither SVG nor inline <svg>, but does show an <img>.
        image = f'<img alt="{escape(self.describe())}" src="data:image/svg+xml;base64,{encoded}">'
        still = {"text/plain": self.describe(), "text/html": image, "image/svg+xml": svg}
        return {**data, **still}, metadata

    def _ipython_display_(self, **options: Any) -> None:
        bundle = self._repr_mimebundle_(**options)
        if bundle is not None:
            publish(bundle[0], self)


def publish(data: dict[str, Any], view: View) -> None:
    """Display what is live in `data`, and the still of `view` as an output of its own."""
    from IPython.display import publish_display_data

    view.stand_in = sha256(data["image/svg+xml"].encode()).hexdigest()[:12]  # the same in each run
    still = {kind: value for kind, value in data.items() if kind != LIVE_VIEW}
    still["text/html"] = STILL.format(name=view.stand_in, image=data["text/html"])
    publish_display_data({LIVE_VIEW: data[LIVE_VIEW]})  # type: ignore[no-untyped-call]
    publish_display_data(still)  # type: ignore[no-untyped-call]
