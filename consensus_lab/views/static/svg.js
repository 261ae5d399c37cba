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

/** Makes `words` the text of an element, if it is not already. A text node that is there is kept. */
export function write(element, words) {
  const text = String(words);
  const { firstChild: node } = element;
  if (node?.nodeType === Node.TEXT_NODE && node === element.lastChild) {
    if (node.data !== text) node.data = text;
  } else if (node || text) element.textContent = text;
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

/** A pool in which each thing keeps its item while it is there: what stays is not set up anew. */
export class KeyedPool {
  constructor(parent, make) {
    Object.assign(this, { parent, make, items: new Map(), free: [] });
  }

  /** The items of `things`, in their order; `setUp(item, thing)` is called for those that have just come.
   *
   * They come to stand anywhere in the page, in the place of one that has left; see `arrange`.
   */
  take(things, setUp = () => {}) {
    const here = new Set(things);
    for (const [thing, item] of this.items) {
      if (here.has(thing)) continue;
      this.items.delete(thing);
      this.free.push(item);
    }
    const items = things.map((thing) => this.items.get(thing) ?? this.enter(thing, setUp));
    for (const item of this.free) (item.element ?? item).style.display = "none";
    return items;
  }

  enter(thing, setUp) {
    const item = this.free.pop() ?? this.make();
    const element = item.element ?? item;
    if (!element.parentNode) this.parent.append(element);
    element.style.display = "";
    this.items.set(thing, item);
    setUp(item, thing);
    return item;
  }

  /** Puts these items first in the page, in this order; those that are in it already are not moved. */
  arrange(items) {
    let next = this.parent.firstElementChild;
    for (const item of items) {
      const element = item.element ?? item;
      if (element === next) next = next.nextElementSibling;
      else this.parent.insertBefore(element, next);
    }
  }
}
