// What the rules of drawing are written with: the two drawings have one type.

import type * as preact from "preact";
import type { ComponentChildren, VNode } from "preact";
import type * as hooks from "preact/hooks";
import type { jsx } from "preact/jsx-runtime";

/** What draws. */
export type Drawing = Pick<typeof preact, "createContext" | "Fragment" | "render"> &
  Pick<typeof hooks, "useContext" | "useEffect" | "useLayoutEffect" | "useMemo" | "useRef" | "useState"> & {
    readonly jsx: typeof jsx;
  };

/** Answers in JSON what it saw. */
export type Rule = (drawing: Drawing, root: HTMLElement) => unknown;
/** Properties with children. */
export type Children = { readonly children?: ComponentChildren };

/** Until effects have run and what they asked for is drawn. */
export const rest = () => new Promise((done) => setTimeout(done, 160));

/** The first that matches; there is one. */
export const find = (root: Element, selector: string): HTMLElement => root.querySelector(selector) as HTMLElement;

/** `jsx` with the children last. */
export const maker =
  ({ jsx: make }: Drawing) =>
  (type: unknown, props: object | null, ...children: unknown[]): VNode =>
    make(
      type as string,
      {
        ...props,
        ...(children.length === 0 ? {} : { children: children.length === 1 ? children[0] : children }),
      } as never,
      (props as { key?: string } | null)?.key,
    );
