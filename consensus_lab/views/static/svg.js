// Elements of SVG and HTML, made and changed in few words. Words go in as text nodes, never as markup:
// a learner's field may well hold "<b>".

function build(element, attributes, children) {
  change(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A new SVG element. Attributes whose value is a function are listeners: {onclick: …}. */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** A new HTML element, made in the same way. */
export function html(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** Sets what differs; null, undefined and false take an attribute away. Untouched DOM costs no layout. */
export function change(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
}

/** Makes `words` the text of an element, if it is not already. */
export function write(element, words) {
  const text = String(words);
  if (element.textContent !== text) element.textContent = text;
}

/** Elements that are used again and again: `take(n)` gives n of them and hides the rest.
 *
 * `make()` makes one: an element, or an object that has it as its `element`.
 */
export class Pool {
  constructor(parent, make) {
    Object.assign(this, { parent, make, items: [], shown: 0 });
  }

  take(count) {
    while (this.items.length < count) {
      const item = this.make();
      this.items.push(item);
      this.parent.append(item.element ?? item);
    }
    for (let i = Math.min(count, this.shown); i < Math.max(count, this.shown); i++) {
      const { style } = this.items[i].element ?? this.items[i];
      style.display = i < count ? "" : "none";
    }
    this.shown = count;
    return this.items.slice(0, count);
  }
}
