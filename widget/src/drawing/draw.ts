// Draws views: the part of Preact's interface that they are written against, in a fifth of its size. The build puts it in
// Preact's place; `preact` gives the types. Function components only; attributes but `value` and `selected` are attributes.
//
// A place is where a view stands from its first drawing to its end. What is nothing (`false`, `undefined`) keeps its place,
// so children without a key are known by their position.

type Props = Readonly<Record<string, unknown>>;
type View = (props: Props) => unknown;

export interface VNode {
  /** A tag, a view, or nothing: a text. */
  readonly type: string | View;
  readonly props: Props;
  readonly key: unknown;
}

/** What a hook keeps. */
export interface Cell {
  value?: unknown;
  deps?: readonly unknown[] | undefined;
  run?: (() => unknown) | undefined;
  end?: unknown;
}

export interface Place {
  readonly parent: Place | undefined;
  readonly depth: number;
  readonly cells: Cell[];
  /** Undefined before the first drawing. */
  vnode: VNode | undefined;
  /** Of tags and texts; views stand in the nearest one above. */
  dom: Element | Text | undefined;
  kids: readonly Place[];
  isStale: boolean;
  isGone: boolean;
}

const none: Props = {};

/** An element of JSX. */
export const jsx = (type: VNode["type"], props: Props, key?: unknown): VNode => ({ type, props, key });

/** Several elements without one around them. */
export const Fragment = ({ children }: Props): unknown => children;

const nothing = (): unknown => [];

const toList = (children: unknown): readonly unknown[] => (Array.isArray(children) ? children : [children]);

function toVNode(child: unknown): VNode {
  if (Array.isArray(child)) return jsx(Fragment, { children: child });
  if (typeof child === "object" && child !== null) return child as VNode;
  const isText = child !== undefined && child !== null && typeof child !== "boolean";
  return isText ? jsx("", { text: child }) : jsx(nothing, none);
}

/** The place whose view is being drawn, and the hook that is next in it. */
export const drawing: { place: Place | undefined; at: number } = { place: undefined, at: 0 };
/** What is to be done when everything stands in the page; and when the browser has shown it. */
export const queues: { layout: Cell[]; late: Cell[] } = { layout: [], late: [] };
let stale: Place[] = [];

const makePlace = (parent: Place | undefined, dom?: Element): Place => ({
  ...{ parent, dom, depth: parent === undefined ? 0 : parent.depth + 1 },
  ...{ cells: [], kids: [], vnode: undefined, isStale: false, isGone: false },
});

/** One mistake of a view or an effect ends that one alone: the rest of the page lives on. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    reportError(error);
  }
}

/** Runs effects, each after the end of the one before it. */
export function run(cells: readonly Cell[]): void {
  for (const cell of cells) {
    const { run, end } = cell;
    cell.end = undefined;
    if (typeof end === "function") attempt(end as () => void);
    attempt(() => {
      cell.end = run?.();
    });
  }
}

/** Runs what waited for the browser to show the page. */
export function runLate(): void {
  const cells = queues.late;
  queues.late = [];
  run(cells);
}

function runLayout(): void {
  const cells = queues.layout;
  queues.layout = [];
  run(cells);
}

function setAttribute(dom: Element, name: string, value: unknown): void {
  if (name.startsWith("on")) {
    // What a handler answers is no word to the browser: `false` would keep it from doing its part.
    const handle = typeof value === "function" ? (event: Event) => void value(event) : null;
    Object.assign(dom, { [name.toLowerCase()]: handle });
  } else if (name === "style") {
    for (const [property, text] of Object.entries(value ?? none)) {
      (dom as HTMLElement).style.setProperty(property, text as string);
    }
  } else if (value === undefined || value === null || (value === false && name[4] !== "-")) dom.removeAttribute(name);
  else dom.setAttribute(name, value === true && name[4] !== "-" ? "" : (value as string));
}

function updateElement(dom: Element, props: Props, before: Props): void {
  for (const name of Object.keys({ ...before, ...props })) {
    const value = props[name];
    if (name === "children" || name === "ref") continue;
    // What the visitor did to it may differ from what was drawn last.
    if (name === "value" || name === "selected") {
      if ((dom as HTMLInputElement)[name as "value"] !== value) Object.assign(dom, { [name]: value });
    } else if (value !== before[name]) setAttribute(dom, name, value);
  }
  const { ref } = props as { ref?: { current: unknown } };
  if (ref !== undefined) ref.current = dom;
}

function makeDom(type: string): Element | Text {
  if (type === "") return document.createTextNode("");
  const isDrawing = type === "svg" || type === "path";
  return document.createElementNS(`http://www.w3.org/${isDrawing ? "2000/svg" : "1999/xhtml"}`, type);
}

/** Draws a view and what is under it. */
function drawView(place: Place, { type, props }: VNode): void {
  const { place: around, at } = drawing;
  place.isStale = false;
  Object.assign(drawing, { place, at: 0 });
  let drawn: unknown;
  try {
    drawn = (type as View)(props);
  } finally {
    Object.assign(drawing, { place: around, at });
  }
  drawKids(place, toList(drawn));
}

function draw(place: Place, vnode: VNode): void {
  const { vnode: before } = place;
  if (before === vnode && !place.isStale) return;
  const { type, props } = vnode;
  place.vnode = vnode;
  if (typeof type === "function") return drawView(place, vnode);
  place.dom ??= makeDom(type);
  if (place.dom instanceof Text) {
    if (props["text"] !== before?.props["text"]) place.dom.data = props["text"] as string;
    return;
  }
  drawKids(place, toList(props["children"]));
  updateElement(place.dom, props, before?.props ?? none);
  arrange(place);
}

const isSame = (place: Place | undefined, { type, key }: VNode): boolean =>
  place?.vnode?.type === type && place.vnode.key === key;

function drawKids(place: Place, children: readonly unknown[]): void {
  const { kids } = place;
  const left = new Set(kids);
  const byKey = new Map(kids.map((kid) => [kid.vnode?.key, kid]));
  place.kids = children.map((child, index) => {
    const vnode = toVNode(child);
    const former = vnode.key === undefined ? kids[index] : byKey.get(vnode.key);
    const kid = former !== undefined && isSame(former, vnode) && left.delete(former) ? former : makePlace(place);
    draw(kid, vnode);
    return kid;
  });
  for (const kid of left) remove(kid, true);
}

/** Ends what is under a place; its topmost elements leave the page. */
function remove(place: Place, isTop: boolean): void {
  place.isGone = true;
  for (const cell of place.cells) {
    cell.run = undefined;
    run([cell]);
  }
  const { ref } = (place.vnode?.props ?? none) as { ref?: { current: unknown } };
  if (place.dom !== undefined && ref?.current === place.dom) ref.current = null;
  for (const kid of place.kids) remove(kid, isTop && place.dom === undefined);
  if (isTop) place.dom?.remove();
}

/** Puts the elements of a place before `next`; moves only what stands elsewhere. Answers the first of them. */
function put(place: Place, host: Node, next: Node | null): Node | null {
  const { dom } = place;
  if (dom === undefined) return place.kids.reduceRight((before, kid) => put(kid, host, before), next);
  if (dom.parentNode !== host || dom.nextSibling !== next) host.insertBefore(dom, next);
  return dom;
}

/** Brings everything under an element into its order. */
function arrange(place: Place): void {
  const host = place.dom as Element;
  place.kids.reduceRight<Node | null>((next, kid) => put(kid, host, next), null);
}

function flush(): void {
  runLate();
  const places = stale.sort((one, other) => one.depth - other.depth);
  stale = [];
  for (const place of places) {
    const { vnode } = place;
    if (place.isGone || !place.isStale || vnode === undefined) continue;
    let host = place;
    while (host.dom === undefined && host.parent !== undefined) host = host.parent;
    attempt(() => drawView(place, vnode));
    arrange(host);
  }
  runLayout();
}

/** Has a view drawn again before the browser shows the next frame. */
export function invalidate(place: Place): void {
  if (place.isStale) return;
  place.isStale = true;
  if (stale.push(place) === 1) queueMicrotask(flush);
}

const roots = new Map<Element, Place>();

/** Draws into an element, which holds nothing else. */
export function render(vnode: VNode, root: Element): void {
  const place = roots.get(root) ?? makePlace(undefined, root);
  roots.set(root, place);
  runLate();
  drawKids(place, [vnode]);
  arrange(place);
  runLayout();
}
