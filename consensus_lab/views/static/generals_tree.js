// Who said what, as one general heard it: a tree keyed by path, and at each vertex what that general makes of it.

import { pill } from "./generals_values.js";
import { change, svg } from "./svg.js";

const [ROW_OF_TREE, COLUMN_OF_TREE, EDGE_OF_TREE] = [30, 158, 14];

/** The tree of `vertices` ({path, heard, makes, words}) as nodes {vertex, x, y, parent, children}, in its order.
 *
 * With signatures one path may carry several orders: then it has a vertex for each, and is a root if what it
 * passes on never came here directly.
 */
function placesOf(vertices) {
  const nodes = vertices.map((vertex) => ({ vertex, children: [], key: vertex.path.join() }));
  for (const node of nodes) {
    const above = nodes.filter(({ key }) => key === node.vertex.path.slice(0, -1).join());
    node.parent = above.find(({ vertex }) => vertex.heard === node.vertex.heard) ?? above[0] ?? null;
    node.parent?.children.push(node);
  }
  let rows = 0;
  const settle = (node) => {
    node.x = EDGE_OF_TREE + COLUMN_OF_TREE * (node.vertex.path.length - 1);
    for (const child of node.children) settle(child);
    const { children } = node;
    node.y = children.length ? (children[0].y + children.at(-1).y) / 2 : EDGE_OF_TREE + 8 + ROW_OF_TREE * rows++;
  };
  for (const node of nodes) if (!node.parent) settle(node);
  return { nodes, rows };
}

/** The tree of a general. `point(words)` is called for the vertex under the pointer or with the focus. */
export class GeneralsTree {
  constructor(point) {
    this.point = point;
    this.element = svg("svg", { class: "gn-tree", role: "group" });
    this.nodes = [];
  }

  /** Another general, or another run. */
  setUp(story, name) {
    const { nodes, rows } = placesOf(story.trees[name] ?? []);
    const depth = Math.max(1, ...nodes.map(({ vertex }) => vertex.path.length));
    const width = EDGE_OF_TREE + COLUMN_OF_TREE * depth;
    const height = 2 * EDGE_OF_TREE + ROW_OF_TREE * Math.max(rows, 1) - 8;
    change(this.element, { viewBox: `0 0 ${width} ${height}`, "aria-label": `What ${name} heard, by whom` });
    this.element.style.maxWidth = `${width * 1.15}px`;
    this.element.style.minWidth = `${Math.min(width * 0.75, 460)}px`;
    const focused = this.nodes.findIndex(({ element }) => element.contains(document.activeElement));
    this.nodes = nodes;
    const edges = nodes.filter(({ parent }) => parent).map((node) => this.edgeOf(story, node));
    for (const node of nodes) this.vertexOf(story, node);
    this.element.replaceChildren(...edges, ...nodes.map(({ element }) => element));
    change(nodes[0]?.element ?? this.element, { tabindex: 0 });
    if (focused >= 0) nodes[focused]?.element.focus();
  }

  edgeOf(story, node) {
    const { parent } = node;
    const [x, y] = [parent.x + 112, parent.y];
    const bend = (x + node.x) / 2;
    node.edge = svg("path", { d: `M${x} ${y} C${bend} ${y} ${bend} ${node.y} ${node.x - 2} ${node.y}`, class: "gn-branch" });
    return node.edge;
  }

  vertexOf(story, node) {
    const { path, heard, lie, refused, makes, words } = node.vertex;
    node.makes = svg("g", { class: "gn-makes" });
    if (makes && node.children.length) {
      node.makes.append(
        svg("text", { x: 63, dy: "0.35em", class: "gn-arrow" }, "⇒"),
        svg("g", { transform: "translate(94 0)" }, pill(story, makes)),
      );
    }
    if (refused) node.makes.append(svg("text", { x: 62, dy: "0.35em", class: "gn-refused" }, "✕"));
    node.element = svg(
      "g",
      { class: "gn-vertex", role: "img", "aria-label": words, tabindex: -1, transform: `translate(${node.x} ${node.y})` },
      svg("rect", { x: -2, y: -13, width: 114, height: 26, rx: 6, class: "gn-hit" }),
      svg("text", { x: 2, dy: "0.35em", class: "gn-speaker" }, path.at(-1)),
      svg("g", { transform: "translate(42 0)" }, pill(story, heard, { lie })),
      node.makes,
    );
    for (const event of ["pointerenter", "focus"]) node.element.addEventListener(event, () => this.point(words));
  }

  /** Draws the moment t: what has been heard by then; in the last step it is folded up, from the leaves on. */
  show(t, rounds) {
    for (const { vertex, element, edge, makes } of this.nodes) {
      const length = vertex.path.length;
      const heard = t >= length - 0.02 ? 1 : 0;
      change(element, { class: heard ? "gn-vertex" : "gn-vertex later" });
      if (edge) change(edge, { class: heard ? "gn-branch" : "gn-branch later" });
      const folded = t - rounds >= (rounds - length + 1) / rounds - 0.02;
      change(makes, { display: folded ? null : "none" });
    }
  }

  /** Moves the focus by so many vertices. */
  walk(by) {
    if (!this.nodes.length) return;
    const at = this.nodes.findIndex(({ element }) => element === document.activeElement);
    const next = Math.min(Math.max(at < 0 ? 0 : at + by, 0), this.nodes.length - 1);
    this.nodes.forEach(({ element }, place) => change(element, { tabindex: place === next ? 0 : -1 }));
    this.nodes[next].element.focus();
  }
}
