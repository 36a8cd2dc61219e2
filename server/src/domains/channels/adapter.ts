// What every messaging platform must offer to be a channel. An adapter is pure: it verifies, reads and renders, but
// opens no connection and keeps no state, so one conformance suite can judge them all. The pipeline owns storing,
// sending and retrying.

import type { OutgoingMessage } from "@parley/engine";
import type { ChannelId } from "../../kernel/ids.ts";
import type { InboundEvent } from "./types.ts";

/** A request from the platform, before anything is believed. */
export interface RawInbound {
  /** By lower-case name. What came as a list is nobody's signature. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The exact bytes received. */
  readonly body: Buffer;
  readonly receivedAtMs: number;
}

/** A channel's settings in the open: account numbers, callback addresses. */
export type ChannelSettings = Readonly<Record<string, string>>;
/** A channel's secrets, decrypted for the length of one call. */
export type ChannelCredentials = Readonly<Record<string, string>>;

/** One HTTP call that carries one outgoing message to the platform. */
export interface PlatformRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface SendTarget {
  readonly channelId: ChannelId;
  /** The member's id on the platform. */
  readonly externalId: string;
  /** Our message id: goes along as the client reference and stays the same over every retry. */
  readonly reference: string;
  readonly settings: ChannelSettings;
  readonly credentials: ChannelCredentials;
  /** Base address of the platform's API, from the configuration. */
  readonly apiUrl: string;
  readonly nowMs: number;
}

/** What a platform's answer means. */
export type SendVerdict =
  | { readonly kind: "sent"; readonly platformMessageId: string | undefined }
  /** Try again; `afterMs` when the platform said so. `throttled` slows the whole channel. */
  | { readonly kind: "retry"; readonly code: string; readonly afterMs?: number; readonly throttled?: boolean }
  /** It will never work; the sentence is shown to the builder. */
  | { readonly kind: "failed"; readonly code: string; readonly sentence: string };

export interface FieldSpec {
  readonly name: string;
  readonly required: boolean;
  /** What it is, in one sentence, for forms and errors. */
  readonly sentence: string;
  readonly lengthMax: number;
}

/** What every adapter offers, however its messages go out. */
interface AdapterBase {
  readonly kind: string;
  readonly settings: readonly FieldSpec[];
  readonly credentials: readonly FieldSpec[];
  /**
   * Answers whether the body was signed by the platform. Constant time in the secret; false for a missing, malformed
   * or wrong signature, and for a channel without its secret. Must not parse the body.
   */
  isAuthentic(request: RawInbound, credentials: ChannelCredentials): boolean;
  /** The platform's ownership check by GET: the text to answer, or undefined to refuse with 403. */
  answerHandshake?(
    query: Readonly<Record<string, string | undefined>>,
    credentials: ChannelCredentials,
  ): string | undefined;
  /**
   * Reads the parsed JSON of an authentic request. Unknown kinds of message become `unknown` events and are never
   * dropped. Throws `channels.malformed_payload` with the path of each mistake when the shape is not the platform's.
   */
  readEvents(body: unknown, settings: ChannelSettings): readonly InboundEvent[];
}

/** A platform that takes each message by an HTTP call. */
export interface HttpAdapter extends AdapterBase {
  readonly delivery: "http";
  /** The call that sends `message`. Degrades what the platform cannot show; throws `channels.unsendable` if nothing is left. */
  renderRequest(message: OutgoingMessage, target: SendTarget): PlatformRequest;
  /** What the platform's answer to that call means. */
  readVerdict(response: { status: number; headers: Readonly<Record<string, string>>; body: Buffer }): SendVerdict;
}

/** A channel of our own: a message that is stored is delivered, and its reader fetches it from here. */
export interface StoredAdapter extends AdapterBase {
  readonly delivery: "stored";
}

export type ChannelAdapter = HttpAdapter | StoredAdapter;
