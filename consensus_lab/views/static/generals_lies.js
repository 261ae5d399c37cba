// What the traitors say, as a table: a row for each thing that one of them passes on, a column for each receiver.
// Each cell is a button that changes that one message.

import { inlinePill } from "./generals_values.js";
import { change, html } from "./svg.js";

/** What stands at the left of a row: "says", or of what it passes on: "says that G1 said". */
function rowName({ path, round }) {
  const heard = path.slice(0, -1).reverse();
  const late = round > path.length ? `, in round ${round}` : "";
  return (heard.length ? `what ${heard.join(" said that ")} said` : "the order") + late;
}

export class LiesTable {
  /** `edit(message)` is called for the cell that is pressed. */
  constructor(edit) {
    this.edit = edit;
    this.element = html("div", { class: "gn-lies" });
  }

  show(story, canEdit) {
    const focused = document.activeElement?.dataset?.cell;
    const tables = story.traitors.map((name) => this.tableOf(story, name, canEdit));
    this.element.replaceChildren(...tables.filter(Boolean));
    if (focused) this.element.querySelector(`[data-cell="${CSS.escape(focused)}"]`)?.focus();
  }

  tableOf(story, name, canEdit) {
    const said = story.messages.filter(({ from }) => from === name);
    if (!said.length) return null;
    const receivers = story.generals.filter((general) => said.some(({ to }) => to === general));
    const rows = new Map();
    for (const message of said) {
      const key = [message.round, ...message.path].join();
      rows.set(key, { ...(rows.get(key) ?? {}), [message.to]: message });
    }
    const head = html("tr", {}, html("th", {}, `${name} tells`), ...receivers.map((to) => html("th", { scope: "col" }, to)));
    const body = [...rows.values()].map((row) => {
      const cells = receivers.map((to) => html("td", {}, row[to] ? this.cellOf(story, row[to], canEdit) : null));
      return html("tr", {}, html("th", { scope: "row" }, rowName(Object.values(row)[0])), ...cells);
    });
    return html("table", {}, html("thead", {}, head), html("tbody", {}, ...body));
  }

  cellOf(story, message, canEdit) {
    const { words } = message;
    const button = html(
      "button",
      { type: "button", "data-cell": message.route, title: words, "aria-label": words },
      inlinePill(story, message.value, { lie: message.lie }),
    );
    button.addEventListener("click", () => this.edit(message));
    change(button, { disabled: !canEdit });
    return button;
  }
}
