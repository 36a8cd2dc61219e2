// The rules of views and their hooks, each as what it does to an empty element. The same code is run with both drawings.

import { type Children, find, maker, type Rule, rest } from "./rule.ts";

/** Each rule by its name. */
export const viewRules = {
  async refs(drawing, root) {
    const h = maker(drawing);
    const ref: { current: Element | null } = { current: null };
    const seen: (string | undefined)[] = [];
    const App = ({ tag }: { tag?: string }) => {
      drawing.useLayoutEffect(() => void seen.push(ref.current?.localName));
      return h("div", null, tag !== undefined && h(tag, { ref }));
    };
    for (const tag of ["b", "i", undefined, "u"]) drawing.render(h(App, { tag }), root);
    await rest();
    return seen;
  },

  async states(drawing, root) {
    const h = maker(drawing);
    let drawnCount = 0;
    const App = () => {
      const [one, setOne] = drawing.useState(1);
      const [two, setTwo] = drawing.useState("a");
      const kept = drawing.useRef(0);
      kept.current += 1;
      drawnCount += 1;
      const click = () => {
        setOne((count) => count + 1);
        setOne((count) => count + 1);
        setTwo(two);
      };
      return h("button", { onClick: click, onFocus: () => setTwo("b") }, `${one} ${two} ${kept.current}`);
    };
    drawing.render(h(App, null), root);
    const steps = [root.textContent];
    find(root, "button").click();
    await rest();
    steps.push(root.textContent);
    find(root, "button").focus();
    await rest();
    return [...steps, root.textContent, drawnCount];
  },

  async typesOfViews(drawing, root) {
    const h = maker(drawing);
    const View = ({ name }: { name: string }) => h("i", null, drawing.useState(name)[0]);
    const Other = ({ name }: { name: string }) => View({ name });
    const steps = [];
    for (const vnode of [
      h(View, { name: "a" }),
      h(View, { name: "b" }),
      h(Other, { name: "c" }),
      h(View, { name: "d" }),
    ]) {
      drawing.render(h("div", null, vnode), root);
      steps.push(root.textContent);
    }
    drawing.render(h("div", null, h(View, { key: "k", name: "e" })), root);
    return [...steps, root.textContent];
  },

  async effects(drawing, root) {
    const h = maker(drawing);
    const log: string[] = [];
    const App = ({ id, other }: { id: number; other: number }) => {
      drawing.useEffect(() => {
        log.push(`late ${id}`);
        return () => log.push(`end late ${id}`);
      }, [id]);
      drawing.useLayoutEffect(() => {
        log.push(`layout ${id} ${root.isConnected} ${root.textContent}`);
        return () => log.push(`end layout ${id}`);
      }, [id]);
      drawing.useEffect(() => void log.push(`each ${other}`));
      drawing.useEffect(() => void log.push("once"), []);
      return h("p", null, id, " ", other);
    };
    for (const props of [
      { id: 1, other: 1 },
      { id: 1, other: 2 },
      { id: 2, other: 2 },
    ]) {
      drawing.render(h("div", null, h(App, props)), root);
      await rest();
      log.push("-");
    }
    return log;
  },

  async mistakes(drawing, root) {
    const h = maker(drawing);
    const told: string[] = [];
    const hear = (event: ErrorEvent): void => {
      told.push(String(event.error?.message));
      event.preventDefault();
    };
    addEventListener("error", hear);
    const throwing = (what: string): void => {
      throw new RangeError(what);
    };
    const Faulty = () => {
      const [count, setCount] = drawing.useState(0);
      drawing.useEffect(() => void (count === 1 && throwing("late")));
      drawing.useLayoutEffect(() => void (count === 2 && throwing("layout")));
      drawing.useEffect(() => () => void (count === 3 && throwing("end")));
      if (count === 4) throwing("view");
      return h("button", { onClick: () => setCount(count + 1), id: "faulty" }, `faulty ${count}`);
    };
    const Sound = () => {
      const [count, setCount] = drawing.useState(0);
      return h("button", { onClick: () => setCount(count + 1), id: "sound" }, `sound ${count}`);
    };
    drawing.render(h("div", null, h(Faulty, null), h(Sound, null)), root);
    const steps = [];
    for (let step = 0; step < 5; step += 1) {
      for (const id of ["#faulty", "#sound"]) find(root, id).click();
      await rest();
      steps.push(root.textContent);
    }
    removeEventListener("error", hear);
    return [steps, told];
  },

  async ends(drawing, root) {
    const h = maker(drawing);
    const log: string[] = [];
    const App = () => {
      drawing.useEffect(() => () => log.push("late"), []);
      drawing.useLayoutEffect(() => () => log.push("layout"), []);
      return null;
    };
    drawing.render(h("div", null, h(App, null)), root);
    await rest();
    drawing.render(h("div", null), root);
    await rest();
    return log.sort();
  },

  async endsBeforeShown(drawing, root) {
    const h = maker(drawing);
    const log: string[] = [];
    const App = () => {
      drawing.useEffect(() => {
        log.push("late");
        return () => log.push("end");
      }, []);
      return null;
    };
    drawing.render(h("div", null, h(App, null)), root);
    drawing.render(h("div", null), root);
    await rest();
    return log.filter((word) => word === "late").length === log.filter((word) => word === "end").length;
  },

  async orderOfEffects(drawing, root) {
    const h = maker(drawing);
    const log: string[] = [];
    const View = ({ name, children }: { name: string } & Children) => {
      drawing.useLayoutEffect(() => void log.push(`layout ${name}`), []);
      drawing.useEffect(() => void log.push(`late ${name}`), []);
      return h("div", null, children);
    };
    drawing.render(h(View, { name: "out" }, h(View, { key: 1, name: "in" }), h(View, { key: 2, name: "next" })), root);
    await rest();
    return log;
  },

  async gone(drawing, root) {
    const h = maker(drawing);
    let change: (value: string) => void = () => undefined;
    const View = () => {
      const [value, setValue] = drawing.useState("a");
      change = setValue;
      return h("i", null, value);
    };
    drawing.render(h("div", null, h(View, null)), root);
    drawing.render(h("div", null, "none"), root);
    change("b");
    await rest();
    return root.textContent;
  },

  async context(drawing, root) {
    const h = maker(drawing);
    const Context = drawing.createContext("none");
    const Reader = () => h("i", null, drawing.useContext(Context));
    const still = h("b", null, h(Reader, null));
    const show = (value: string) => drawing.render(h(Context.Provider, { value }, still), root);
    show("one");
    const first = root.textContent;
    show("two");
    await rest();
    return [first, root.textContent];
  },

  async ownOrder(drawing, root) {
    const h = maker(drawing);
    const changes: Record<string, (isShown: boolean) => void> = {};
    const View = ({ name }: { name: string }) => {
      const [isShown, setShown] = drawing.useState(false);
      changes[name] = setShown;
      return isShown ? h(drawing.Fragment, null, h("i", null, name), name) : null;
    };
    drawing.render(h("div", null, "[", h(View, { name: "a" }), [h(View, { key: 1, name: "b" })], "]"), root);
    const steps = [root.textContent];
    for (const [name, isShown] of [
      ["b", true],
      ["a", true],
      ["b", false],
    ] as const) {
      changes[name]?.(isShown);
      await rest();
      steps.push(root.textContent);
    }
    return steps;
  },

  async memo(drawing, root) {
    const h = maker(drawing);
    let made = 0;
    const App = ({ of }: { of: number }) =>
      h(
        "i",
        null,
        drawing.useMemo(() => `${of}:${(made += 1)}`, [of]),
      );
    return [1, 1, 2, Number.NaN, Number.NaN].map((of) => {
      drawing.render(h(App, { of }), root);
      return root.textContent;
    });
  },
} satisfies Record<string, Rule>;
