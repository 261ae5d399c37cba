"""A live view as a page of its own: one file, which needs no server, no notebook and no network."""

from __future__ import annotations

import base64
import json
import re
from html import escape
from typing import Any

from .widget import View

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 1rem auto; max-width: 1100px; padding: 0 1rem; font-family: sans-serif; }}
#view > img {{ max-width: 100%; }}
{style}
</style>
<div id="view"><img alt="{words}" src="data:image/svg+xml;base64,{still}"></div>
<script type="module">
{module}
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => {{ document.documentElement.dataset.jpThemeLight = !dark.matches; }};
dark.addEventListener("change", follow);
follow();
const state = {state};
for (const [name, value] of Object.entries(state)) {{
  if (value?.base64) state[name] = Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0));
}}
const model = {{
  get: (name) => state[name],
  set: (name, value) => {{ state[name] = value; }},
  on() {{}},
  off() {{}},
  save_changes() {{}},
}};
const el = document.getElementById("view");
el.replaceChildren();
widget.render({{ model, el }});
</script>
</html>
"""
"""The model is what a view gets from Jupyter: its state, here without anybody to `send` to. Whether
the page is dark the browser says, in Jupyter's words, by which the views go."""


def page(view: View) -> str:
    """The page: the same bytes for the same thing. Without JavaScript it shows the still."""
    words = view.describe()
    names = view.traits(sync=True).keys() - View.class_traits(sync=True).keys()
    state = {name: plain(getattr(view, name)) for name in names if not name.startswith("_")}
    return PAGE.format(
        title=escape(words.partition("\n")[0][:100]),
        style=view._css,
        words=escape(words),
        still=base64.b64encode(view.still().encode()).decode(),
        module=re.sub(r"^export default ", "const widget = ", view._esm, flags=re.MULTILINE),
        state=json.dumps(state, sort_keys=True).replace("</", "<\\/"),
    )


def plain(value: Any) -> Any:
    """A trait's value as JSON can hold it: bytes, such as a packed trace, as text."""
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
