// The state while an event runs: the state before, and the changes so far. Nothing of the input is ever written
// to; when the event fails the draft is simply dropped.

import { EngineFault } from "../fault.ts";
import { isForbiddenKey, isWithinBytes, type SafeObject, toSafeObject } from "../json.ts";
import { limits } from "../limits.ts";
import type { JsonValue, Mode, NodePosition, SessionState } from "../types.ts";
import { type StateDiff, toTraceValue } from "./trace.ts";

/** A working copy of a member's state. */
export class Draft {
  readonly before: SessionState;
  node: NodePosition | null;
  mode: Mode;
  locale: string | null;
  #variables: SafeObject | undefined;
  #tags: string[] | undefined;
  readonly #touched = new Set<string>();

  constructor(before: SessionState) {
    this.before = before;
    this.node = before.node;
    this.mode = before.mode;
    this.locale = before.locale;
  }

  /** The variables as of this moment, without prototype. */
  readVariables(): SafeObject {
    return (this.#variables ??= toSafeObject(this.before.variables));
  }

  /** The tags as of this moment. */
  get tags(): readonly string[] {
    return this.#tags ?? this.before.tags;
  }

  /** Sets a variable. Throws beyond `limits.variablesPerMember`. */
  setVariable(name: string, value: JsonValue): void {
    if (isForbiddenKey(name)) throw new EngineFault("engine.name_refused", `The name "${name}" is not allowed.`);
    const variables = this.readVariables();
    variables[name] = value;
    this.#touched.add(name);
    if (Object.keys(variables).length > limits.variablesPerMember) {
      throw new EngineFault("engine.state_too_large", `A member has at most ${limits.variablesPerMember} variables.`);
    }
  }

  /** Deletes a variable; whether it was there. */
  deleteVariable(name: string): boolean {
    const variables = this.readVariables();
    if (!Object.hasOwn(variables, name)) return false;
    delete variables[name];
    this.#touched.add(name);
    return true;
  }

  /** Adds tags and returns those the member did not have. Throws beyond `limits.tagsPerMember`. */
  addTags(tags: readonly string[]): string[] {
    const added = [...new Set(tags)].filter((tag) => !this.tags.includes(tag));
    if (added.length === 0) return [];
    this.#tags = [...this.tags, ...added];
    if (this.#tags.length > limits.tagsPerMember) {
      throw new EngineFault("engine.state_too_large", `A member has at most ${limits.tagsPerMember} tags.`);
    }
    return added;
  }

  /** Removes tags and returns those the member had. */
  removeTags(tags: readonly string[]): string[] {
    const removed = this.tags.filter((tag) => tags.includes(tag));
    if (removed.length > 0) this.#tags = this.tags.filter((tag) => !tags.includes(tag));
    return removed;
  }

  /** The state after the event. Throws `engine.state_too_large` when it changed beyond `limits.stateBytes`. */
  finish(): SessionState {
    const variables = this.#touched.size > 0 ? this.readVariables() : this.before.variables;
    const state: SessionState = { node: this.node, variables, tags: this.tags, mode: this.mode, locale: this.locale };
    const hasGrown = this.#touched.size > 0 || this.#tags !== undefined;
    if (hasGrown && !isWithinBytes(JSON.stringify(state), limits.stateBytes)) {
      throw new EngineFault("engine.state_too_large", `The state of a member is at most ${limits.stateBytes} bytes.`);
    }
    return state;
  }

  /** What changed, for the trace. */
  diff(): StateDiff {
    const { before } = this;
    const isSet = (name: string): boolean => Object.hasOwn(this.readVariables(), name);
    const touched = [...this.#touched];
    return {
      variablesSet: this.#variablesSet(touched.filter(isSet)),
      variablesRemoved: touched.filter((name) => !isSet(name)),
      tagsAdded: this.#tags?.filter((tag) => !before.tags.includes(tag)) ?? [],
      tagsRemoved: this.#tags === undefined ? [] : before.tags.filter((tag) => !this.tags.includes(tag)),
      ...(this.mode === before.mode ? {} : { mode: { from: before.mode, to: this.mode } }),
      ...(this.locale === before.locale ? {} : { locale: { from: before.locale, to: this.locale } }),
      ...(isSamePosition(this.node, before.node) ? {} : { node: { from: before.node, to: this.node } }),
    };
  }

  #variablesSet(names: readonly string[]): { [name: string]: JsonValue } {
    const values: SafeObject = Object.create(null);
    for (const name of names) values[name] = toTraceValue(this.readVariables()[name] ?? null);
    return values;
  }
}

function isSamePosition(a: NodePosition | null, b: NodePosition | null): boolean {
  return a?.treeId === b?.treeId && a?.versionId === b?.versionId && a?.compositeId === b?.compositeId;
}
