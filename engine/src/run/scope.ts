// What templates and expressions see of one event. Built on demand, as copies without prototypes, so that a
// plain keyword tree pays nothing and no data can reach anything inherited.

import { type RootName, rootNames } from "../expression/frame.ts";
import { CelTime, type CelValue } from "../expression/values.ts";
import { type SafeObject, toSafeJson, toSafeString } from "../json.ts";
import type { RegexMatch } from "../regex.ts";
import type { TemplateRoots } from "../template/plain-template.ts";
import type { EngineEvent, JsonValue } from "../types.ts";
import type { Draft } from "./draft.ts";

/** An object without prototype from the entries that have a value. */
function toSparse(entries: { [key: string]: JsonValue | undefined }): SafeObject {
  const result: SafeObject = Object.create(null);
  for (const key of Object.keys(entries)) {
    const value = entries[key];
    if (value !== undefined && value !== null) result[key] = typeof value === "string" ? toSafeString(value) : value;
  }
  return result;
}

/** The variables of one event: `event`, `member`, `session`, `channel`, `now`, `meta`. */
export class Scope implements TemplateRoots {
  readonly #event: EngineEvent;
  readonly #draft: Draft;
  #match: RegexMatch | undefined;
  #eventRoot: SafeObject | undefined;
  #fields: SafeObject | undefined;
  #channelRoot: SafeObject | undefined;
  #meta: JsonValue | undefined;
  #templateScope: object | undefined;

  constructor(event: EngineEvent, draft: Draft) {
    this.#event = event;
    this.#draft = draft;
  }

  /** Sets what the last regular expression found; `event.match` and `event.groups` show it. */
  setMatch(match: RegexMatch | undefined): void {
    if (match === this.#match) return;
    this.#match = match;
    if (this.#eventRoot !== undefined) Object.assign(this.#eventRoot, matchEntries(match));
  }

  /** The value an expression sees under a top-level name. */
  readRoot(name: RootName): CelValue | undefined {
    return name === "now" ? new CelTime(this.#event.nowMs) : this.#readJson(name);
  }

  /** The value a template sees under a top-level name. */
  readTemplateRoot(name: RootName): JsonValue {
    return name === "now" ? new Date(this.#event.nowMs).toISOString() : this.#readJson(name);
  }

  /** All that a template sees, as one object; each name is made when it is first read. */
  toTemplateScope(): object {
    return (this.#templateScope ??= this.#makeTemplateScope());
  }

  #makeTemplateScope(): object {
    const scope: object = Object.create(null);
    for (const name of rootNames) {
      Object.defineProperty(scope, name, { enumerable: true, get: () => this.readTemplateRoot(name) });
    }
    return scope;
  }

  #readJson(name: Exclude<RootName, "now">): JsonValue {
    if (name === "event") return (this.#eventRoot ??= this.#makeEvent());
    if (name === "member") return this.#makeMember();
    if (name === "session") return this.#makeSession();
    if (name === "meta") return (this.#meta ??= toSafeJson(this.#event.meta ?? null));
    return (this.#channelRoot ??= this.#makeChannel());
  }

  #makeEvent(): SafeObject {
    const { id, type, text, payload, title, eventType, data } = this.#event;
    const event = toSparse({ id, type, text, payload, title, eventType });
    if (data !== undefined) event["data"] = toSafeJson(data);
    return Object.assign(event, matchEntries(this.#match));
  }

  #makeMember(): SafeObject {
    const { id, name, externalId, fields } = this.#event.member;
    this.#fields ??= toSafeJson(fields) as SafeObject;
    return toSparse({ id, name, externalId, fields: this.#fields, tags: [...this.#draft.tags] });
  }

  #makeSession(): SafeObject {
    const { node, mode, locale } = this.#draft;
    const place = node === null ? undefined : toSparse({ treeId: node.treeId, compositeId: node.compositeId });
    return toSparse({ variables: this.#draft.readVariables(), mode, locale, node: place });
  }

  #makeChannel(): SafeObject {
    const { id, kind, name, meta } = this.#event.channel;
    return toSparse({ id, kind, name, meta: toSafeJson(meta) });
  }
}

function matchEntries(match: RegexMatch | undefined): SafeObject {
  const groups: SafeObject = Object.assign(Object.create(null), match?.named);
  const entries: SafeObject = Object.create(null);
  entries["match"] = [...(match?.groups ?? [])];
  entries["groups"] = groups;
  return entries;
}
