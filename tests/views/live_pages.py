"""Pages with a live timeline or graph in them, without JupyterLab: a stub stands for the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from consensus_lab.views import view
from consensus_lab.views.assets import module

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# A model such as JupyterLab hands over; whatever the view sends to the kernel is written down.
PAGE = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} {css}</style>
<body data-jp-theme-light="{light}"><div id="cell"></div><script type="module">
const file = new Blob([{script}], {{ type: "text/javascript" }});
const {{ default: view }} = await import(URL.createObjectURL(file));
window.sent = [];
const send = (...what) => window.sent.push(what);
const get = () => ({story});
const model = {{ get, on() {{}}, off() {{}}, set: send, save_changes: send, send }};
window.dispose = view.render({{ model, el: document.querySelector("#cell") }});
</script>"""

Open = Callable[..., "Page"]


def in_script(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")


def live_pages(browser: Browser, width: int) -> Iterator[Open]:
    """What opens a page with a view of a thing. In the end all are closed, and none had errors."""
    pages: list[Page] = []
    errors: list[object] = []

    def opened(thing: Any, width: int = width, light: bool = True, **options: Any) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 700}, **options)
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(error))
        widget = view(thing)
        page.set_content(
            PAGE.format(
                css=widget._css,
                light=str(light).lower(),
                script=in_script(module("timeline.js")),
                story=in_script(widget.story),
            )
        )
        page.wait_for_function("document.querySelector('.tl-caption')?.textContent")
        return page

    yield opened
    for page in pages:
        page.close()
    assert errors == []
