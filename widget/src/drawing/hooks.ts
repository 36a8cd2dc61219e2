// The hooks of Preact's interface that the views use. A hook belongs to the place its view is drawn at and is known by the
// order of the calls.

import { type Cell, drawing, Fragment, invalidate, type Place, queues, runLate } from "./draw.ts";

const isOther = (before: readonly unknown[] | undefined, deps: readonly unknown[] | undefined): boolean =>
  before === undefined || deps === undefined || deps.some((one, index) => !Object.is(one, before[index]));

function useCell(make: () => Cell = () => ({})): Cell {
  const { cells } = drawing.place as Place;
  const at = drawing.at;
  drawing.at += 1;
  cells[at] ??= make();
  return cells[at];
}

/** A value that outlives the drawing; changing it draws nothing. */
export function useRef(current: unknown): unknown {
  return useCell(() => ({ value: { current } })).value;
}

/** The value that was made for equal dependencies. */
export function useMemo(make: () => unknown, deps: readonly unknown[]): unknown {
  const cell = useCell();
  if (isOther(cell.deps, deps)) Object.assign(cell, { deps, value: make() });
  return cell.value;
}

/** A value and how to change it, which draws the view again. A function is called with the value before. */
export function useState(first: unknown): unknown {
  const place = drawing.place as Place;
  const cell = useCell(() => ({ value: first }));
  return [
    cell.value,
    useMemo(
      () => (next: unknown) => {
        const value = typeof next === "function" ? next(cell.value) : next;
        if (Object.is(value, cell.value)) return;
        cell.value = value;
        invalidate(place);
      },
      [],
    ),
  ];
}

function useQueue(name: "layout" | "late", run: () => unknown, deps: readonly unknown[] | undefined): void {
  const cell = useCell();
  if (!isOther(cell.deps, deps)) return;
  Object.assign(cell, { run, deps });
  queues[name].push(cell);
  // A frame that is not shown gets no animation frame.
  if (name === "late" && queues.late.length === 1) {
    requestAnimationFrame(() => setTimeout(runLate));
    setTimeout(runLate, 100);
  }
}

/** Runs when everything stands in the page, before it is shown. What it answers runs before the next time and at the end. */
export const useLayoutEffect = (run: () => unknown, deps?: readonly unknown[]): void => useQueue("layout", run, deps);

/** Runs when the page was shown. What it answers runs before the next time and at the end. */
export const useEffect = (run: () => unknown, deps?: readonly unknown[]): void => useQueue("late", run, deps);

interface ProviderProps {
  readonly value: unknown;
  readonly children: unknown;
}

interface Context {
  readonly Provider: (props: ProviderProps) => unknown;
}

const readers = new WeakMap<Place, Set<Place>>();

/** A value for everything under its provider. */
export function createContext(): Context {
  return {
    Provider(props) {
      const place = drawing.place as Place;
      useMemo(() => {
        // Also those that nobody would draw again because their element is the same.
        for (const reader of readers.get(place) ?? []) if (!reader.isGone) invalidate(reader);
      }, [props.value]);
      return Fragment({ children: props.children });
    },
  };
}

/** The value of the nearest provider above. */
export function useContext(context: Context): unknown {
  const reader = drawing.place as Place;
  let place: Place | undefined = reader;
  while (place !== undefined && place.vnode?.type !== (context.Provider as unknown)) place = place.parent;
  if (place === undefined) return undefined;
  readers.set(place, (readers.get(place) ?? new Set()).add(reader));
  return place.vnode?.props["value"];
}
