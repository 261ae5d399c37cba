// The still picture beside a live view, which is hidden as long as this is on the page.

import { html } from "./svg.js";

/** The same `render`, but it hides the still. When the kernel is gone and the page is loaded anew, the still is seen. */
export function hidingStill(render) {
  return ({ model, el }) => {
    const dispose = render({ model, el });
    const name = model.get("stand_in");
    if (typeof name === "string" && name) el.append(html("style", {}, `[data-still="${CSS.escape(name)}"] { display: none }`));
    return dispose;
  };
}
