// The frame's side of the talk with the loader on the host's page. The first word of the loader names the site; from then
// on only that window and that origin are heard and spoken to.

import { readFields } from "./parse.ts";

export type Command =
  | { readonly name: "open" | "close" | "toggle" }
  | { readonly name: "send" | "identify" | "setLocale"; readonly value: string };

export interface BridgeOptions {
  /** Once, with the origin of the host's page. */
  readonly onHello: (site: string) => void;
  readonly onCommand: (command: Command) => void;
  /** The size of the host's window in CSS pixels. */
  readonly onViewport: (size: { readonly width: number; readonly height: number }) => void;
  /** The corner of the host's window. */
  readonly side: "left" | "right";
  /** This window and the one around it; given in tests. */
  readonly here?: Pick<Window, "addEventListener" | "removeEventListener">;
  readonly parent?: Pick<Window, "postMessage">;
}

export interface Bridge {
  /** The size the frame asks for, in CSS pixels; the loader fills small screens whatever is asked. */
  setSize(state: "closed" | "open", width: number, height: number): void;
  /** Calls the host's handlers of `Parley.on(name)`. */
  emit(name: string, detail: unknown): void;
  close(): void;
}

const plain: readonly unknown[] = ["open", "close", "toggle"];
const valued: readonly unknown[] = ["send", "identify", "setLocale"];
const valueLengthMax = 16_384;

/** The command, or undefined for what is none. */
export function parseCommand(value: unknown): Command | undefined {
  const { name, value: text } = readFields(value);
  if (plain.includes(name)) return { name: name as "open" };
  const isValue = typeof text === "string" && text.length <= valueLengthMax;
  return valued.includes(name) && isValue ? { name: name as "send", value: text } : undefined;
}

const readSize = (value: unknown): number => (typeof value === "number" && value > 0 && value < 100_000 ? value : 0);

/** Says `ready` and waits for the loader. Commands before `hello` are not heard. */
export function createBridge(options: BridgeOptions): Bridge {
  const { here = window, parent = window.parent } = options;
  let site: string | undefined;
  const tell = (type: string, fields: object = {}) => {
    if (site !== undefined) parent.postMessage({ parley: 1, type, ...fields }, site);
  };
  const hear = (event: MessageEvent) => {
    const word = readFields(event.data);
    // SECURITY: only the window around this one, and only the origin it had when it said hello.
    if (event.source !== parent || word.parley !== 1) return;
    if (site === undefined) {
      if (word.type !== "hello" || !/^https?:/.test(event.origin)) return;
      site = event.origin;
      return options.onHello(site);
    }
    if (event.origin !== site) return;
    const command = word.type === "command" ? parseCommand(word) : undefined;
    if (command !== undefined) options.onCommand(command);
    if (word.type === "viewport") options.onViewport({ width: readSize(word.width), height: readSize(word.height) });
  };
  here.addEventListener("message", hear as EventListener);
  // Holds nothing and goes to whoever frames this page; `frame-ancestors` has decided who that may be.
  parent.postMessage({ parley: 1, type: "ready" }, "*");
  return {
    setSize: (state, width, height) => tell("size", { state, width, height, side: options.side }),
    emit: (name, detail) => tell("event", { name, detail }),
    close: () => here.removeEventListener("message", hear as EventListener),
  };
}
