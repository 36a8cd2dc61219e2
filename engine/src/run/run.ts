// What a node sees of the event it runs for: the event, the draft of the state, the effects so far, the trace
// and the meter. Made at the start of `step` and dropped at its end.

import { EngineFault } from "../fault.ts";
import { limits } from "../limits.ts";
import { createMeter, type Meter } from "../meter.ts";
import { foldText, toComposed } from "../trigger/fold-text.ts";
import type { Effect, EngineEvent, SessionState } from "../types.ts";
import { Draft } from "./draft.ts";
import { Scope } from "./scope.ts";
import { TraceBook } from "./trace.ts";

/** One event on its way. */
export class Run {
  readonly event: EngineEvent;
  readonly draft: Draft;
  readonly scope: Scope;
  readonly meter: Meter = createMeter();
  readonly trace = new TraceBook();
  readonly effects: Effect[] = [];
  #nodesRun = 0;
  #redirectsFollowed = 0;
  #picksTaken = 0;
  #folded: string | undefined;
  #composed: string | undefined;

  constructor(state: SessionState, event: EngineEvent) {
    this.event = event;
    this.draft = new Draft(state);
    this.scope = new Scope(event, this.draft);
  }

  /** The event's text, trimmed and prepared for keywords; undefined when it is not a text. */
  readText(isCaseSensitive: boolean): string | undefined {
    if (this.event.type !== "text" || this.event.text === undefined) return undefined;
    if (isCaseSensitive) return (this.#composed ??= toComposed(this.event.text).trim());
    return (this.#folded ??= foldText(this.event.text).trim());
  }

  /** Counts a node. Throws `engine.too_many_nodes`. */
  countNode(): void {
    this.#nodesRun += 1;
    if (this.#nodesRun > limits.nodesPerEvent) {
      throw new EngineFault("engine.too_many_nodes", `One event runs at most ${limits.nodesPerEvent} nodes.`);
    }
  }

  /** Counts a redirect. Throws `engine.too_many_redirects`. */
  countRedirect(): void {
    this.#redirectsFollowed += 1;
    if (this.#redirectsFollowed > limits.redirectsPerEvent) {
      throw new EngineFault(
        "engine.too_many_redirects",
        `One event follows at most ${limits.redirectsPerEvent} redirects; the tree may redirect in a circle.`,
      );
    }
  }

  /** Adds an effect. Throws `engine.too_many_effects`. */
  addEffect(effect: Effect): void {
    if (this.effects.length >= limits.effectsPerEvent) {
      throw new EngineFault("engine.too_many_effects", `One event has at most ${limits.effectsPerEvent} effects.`);
    }
    this.effects.push(effect);
  }

  /** An index below `count`, from the next number the server drew; 0 when it drew none. */
  takePick(count: number): number {
    const { picks } = this.event;
    const drawn = picks.length === 0 ? 0 : (picks[this.#picksTaken % picks.length] ?? 0);
    this.#picksTaken += 1;
    return drawn >= 0 && drawn < 1 ? Math.floor(drawn * count) : 0;
  }
}
