"""What every live view has in common: a still picture and a text alternative travel with it."""

from __future__ import annotations

import base64
from html import escape
from typing import Any

import anywidget


class View(anywidget.AnyWidget):
    """A live view that also carries its own still picture.

    GitHub, a PDF, and a notebook opened before it is run show the still; a running one shows the
    live view.
    """

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
