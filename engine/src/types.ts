// The vocabulary of the engine's boundary: what the server hands in for one event and what it gets back.
// Everything here is plain JSON data, so it can be stored, compared and sent to the browser simulator unchanged.

/** Any value JSON can carry. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Who speaks with the member: the bot, a person (asked for or present), or nobody. */
export type Mode = "bot" | "queued" | "live" | "off";

/** Where in which published version of which tree a member stands. */
export interface NodePosition {
  readonly treeId: string;
  readonly versionId: string;
  readonly compositeId: string;
}

/** What the engine remembers of a member between events. Round-trips through JSON. */
export interface SessionState {
  readonly node: NodePosition | null;
  readonly variables: { readonly [name: string]: JsonValue };
  readonly tags: readonly string[];
  readonly mode: Mode;
  readonly locale: string | null;
}

/** The state of a member without history. */
export const initialState: SessionState = Object.freeze({
  node: null,
  variables: Object.freeze({}),
  tags: Object.freeze([]),
  mode: "bot",
  locale: null,
});

/** A jump asked for from outside (Bot API), with the parts of the target node that run. */
export interface RedirectRequest {
  readonly treeId: string;
  readonly compositeId: string;
  readonly runPreActions: boolean;
  readonly sendResponses: boolean;
  readonly runPostActions: boolean;
}

/** One thing that happened, with all that the engine may know of the outside: time, drawn numbers, member, channel. */
export interface EngineEvent {
  readonly id: string;
  readonly type:
    | "text"
    | "payload"
    | "image"
    | "audio"
    | "video"
    | "file"
    | "location"
    | "contacts"
    | "reaction"
    | "referral"
    | "event"
    | "redirect"
    | "unknown";
  readonly nowMs: number;
  readonly text?: string;
  readonly payload?: string;
  readonly title?: string;
  readonly eventType?: string;
  readonly data?: JsonValue;
  readonly redirect?: RedirectRequest;
  readonly meta?: JsonValue;
  /** Numbers in [0,1) drawn by the server; each pick among response variations takes the next one. */
  readonly picks: readonly number[];
  readonly member: {
    readonly id: string;
    readonly name?: string;
    readonly externalId?: string;
    readonly fields: { readonly [k: string]: JsonValue };
  };
  readonly channel: { readonly id: string; readonly kind: string; readonly name: string; readonly meta: JsonValue };
}

/** A button answers with a payload or opens an https page. */
export type OutgoingButton =
  | { readonly title: string; readonly payload: string }
  | { readonly title: string; readonly url: string };

/** One row of a list: choosing it answers with the payload. */
export interface OutgoingRow {
  readonly title: string;
  readonly description?: string;
  readonly payload: string;
}

/** Rows of a list under one heading. */
export interface OutgoingSection {
  readonly title?: string;
  readonly rows: readonly OutgoingRow[];
}

/** One card of a carousel. `imageUrl` is an address as that of an image message. */
export interface OutgoingCard {
  readonly title: string;
  readonly text?: string;
  readonly imageUrl?: string;
  readonly buttons: readonly OutgoingButton[];
}

/**
 * What the bot says, before a channel gives it its own form. The `url` of an image, audio, video or file is an https
 * address, or `file:` and the id of a file of the app (`findFileId` reads it).
 */
export type OutgoingMessage =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly url: string; readonly caption?: string }
  | { readonly type: "audio"; readonly url: string }
  | { readonly type: "video"; readonly url: string; readonly caption?: string }
  | { readonly type: "file"; readonly url: string; readonly name?: string; readonly caption?: string }
  | {
      readonly type: "location";
      /** Degrees, -90 to 90. */
      readonly latitude: number;
      /** Degrees, -180 to 180. */
      readonly longitude: number;
      readonly name?: string;
      readonly address?: string;
    }
  | { readonly type: "buttons"; readonly text: string; readonly buttons: readonly OutgoingButton[] }
  | {
      readonly type: "quickReplies";
      readonly text: string;
      readonly replies: readonly { readonly title: string; readonly payload: string }[];
    }
  | {
      readonly type: "list";
      readonly text: string;
      /** The title of what opens the list. */
      readonly button: string;
      readonly sections: readonly OutgoingSection[];
    }
  | { readonly type: "carousel"; readonly cards: readonly OutgoingCard[] };

/** What the server is to carry out, in this order. */
export type Effect =
  | {
      readonly kind: "send";
      readonly message: OutgoingMessage;
      readonly nodeCompositeId: string;
      readonly treeId: string;
    }
  | { readonly kind: "liveChat"; readonly on: boolean; readonly reason?: string };

/** Why an event could not be processed; the state is then the one before the event. */
export interface StepError {
  readonly code: string;
  readonly message: string;
  /** Where in the tree, like `nodes[2].preActions[0]`. */
  readonly path?: string;
}
