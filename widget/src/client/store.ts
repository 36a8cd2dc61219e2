// An observable value: replaced, never changed; whoever listens is told after each replacement.

import type { Store } from "./types.ts";

/** A change of some fields; `undefined` takes a field away. */
export type Change<State> = { readonly [Name in keyof State]?: State[Name] | undefined };

export interface StateHolder<State> {
  getState(): State;
  subscribe: Store["subscribe"];
  /** The first state of which this is true: the present one, or one to come. */
  when(isTrue: (state: State) => boolean): Promise<State>;
  /** Does nothing when the values are what they were. */
  update(change: Change<State>): void;
}

/** A holder with its first state. */
export function createStateHolder<State extends object>(first: State): StateHolder<State> {
  let state = first;
  const listeners = new Set<() => void>();
  const subscribe: Store["subscribe"] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    getState: () => state,
    subscribe,
    when: (isTrue) =>
      new Promise((done) => {
        const look = () => {
          if (!isTrue(state)) return;
          stop();
          done(state);
        };
        const stop = subscribe(look);
        look();
      }),
    update(change) {
      const entries = Object.entries(change) as [keyof State, unknown][];
      if (entries.every(([name, value]) => Object.is(state[name], value))) return;
      const next = Object.entries({ ...state, ...change }).filter(([, value]) => value !== undefined);
      state = Object.fromEntries(next) as unknown as State;
      for (const listener of [...listeners]) listener();
    },
  };
}

/** Handlers by the name of what happened. */
export interface Hooks<Events> {
  on<Name extends keyof Events>(name: Name, handler: (detail: Events[Name]) => void): () => void;
  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void;
}

/** Hooks without handlers. */
export function createHooks<Events>(): Hooks<Events> {
  const handlers = new Map<keyof Events, Set<(detail: never) => void>>();
  return {
    on(name, handler) {
      const own = handlers.get(name) ?? new Set();
      handlers.set(name, own.add(handler));
      return () => void own.delete(handler);
    },
    emit(name, detail) {
      for (const handler of [...(handlers.get(name) ?? [])]) (handler as (detail: unknown) => void)(detail);
    },
  };
}
