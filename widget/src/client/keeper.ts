// What the browser keeps of a chat, by channel and site: the session, what is not yet sent and the read mark. Read anew at
// every use, because other tabs write it too. Before the visitor consented (where the channel asks) it is in memory only.

import { createMemoryShelf, type Shelf } from "./environment.ts";
import { isMessageId, parseContent, readFields, readNumber, readText, readTexts } from "./parse.ts";
import type { Content, Problem } from "./types.ts";

export interface Session {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly visitorId: string;
  readonly isVerified: boolean;
  readonly name?: string;
  /** A rotation was asked for under this id and its answer has not come: the token may be a former one already. */
  readonly rotationId?: string;
  /** A send was accepted: the server holds a conversation. */
  readonly isBegun: boolean;
  readonly isConsented: boolean;
}

/** What waits to be sent, or was accepted and not yet seen in the conversation. */
export interface Parcel {
  readonly clientId: string;
  /** Milliseconds since 1970; with `clientId` the order of sending. */
  readonly order: number;
  /** The body of the call without clientId and consent. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly content: Content;
  readonly isAccepted: boolean;
  readonly problem?: Problem;
}

export interface Keeper {
  readSession(): Session | undefined;
  writeSession(session: Session | undefined): void;
  /** In the order of sending. */
  listParcels(): Parcel[];
  writeParcel(parcel: Parcel): void;
  removeParcel(clientId: string): void;
  readMark(): string | undefined;
  writeMark(messageId: string): void;
  forgetMark(): void;
}

function parse(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return readFields(JSON.parse(text ?? "null"));
  } catch {
    return {};
  }
}

function parseSession(text: string | undefined): Session | undefined {
  const fields = parse(text);
  const [token, expiresAt, visitorId] = [
    readText(fields.token),
    readNumber(fields.expiresAt),
    readText(fields.visitorId),
  ];
  if (token === undefined || expiresAt === undefined || visitorId === undefined) return undefined;
  return {
    ...{ token, expiresAt, visitorId, isVerified: fields.isVerified === true },
    ...{ isBegun: fields.isBegun === true, isConsented: fields.isConsented === true },
    ...readTexts(fields, "name", "rotationId"),
  };
}

function parseParcel(text: string | undefined): Parcel | undefined {
  const fields = parse(text);
  const [clientId, order] = [readText(fields.clientId), readNumber(fields.order)];
  if (clientId === undefined || order === undefined) return undefined;
  const code = readText(readFields(fields.problem).code);
  return {
    ...{ clientId, order, body: readFields(fields.body), isAccepted: fields.isAccepted === true },
    content: toContent(fields.content),
    ...(code === undefined ? {} : { problem: { code, ...readTexts(readFields(fields.problem), "detail") } }),
  };
}

/** Kept content has its media as the state has it, not as the wire has it. */
function toContent(kept: unknown): Content {
  const content = readFields(kept);
  const media = readFields(content.media);
  return parseContent({ ...content, media: { ...media, ...readFields(media.source) } });
}

const byOrder = (a: Parcel, b: Parcel): number => a.order - b.order || (a.clientId < b.clientId ? -1 : 1);

/** `prefix` names channel and site. With `keepsNothing` answering true, what is written stays in memory. */
export function createKeeper(lasting: Shelf, prefix: string, keepsNothing: () => boolean): Keeper {
  const memory = createMemoryShelf();
  const shelves = [memory, lasting];
  // What lasts goes first: it is of a visitor who consented in another tab.
  const get = (key: string) => lasting.get(key) ?? memory.get(key);
  const remove = (key: string) => shelves.forEach((shelf) => shelf.remove(key));
  const set = (key: string, value: string) => {
    if (!keepsNothing()) memory.remove(key);
    (keepsNothing() ? memory : lasting).set(key, value);
  };
  const [sessionKey, markKey, parcels] = [`${prefix}session`, `${prefix}read`, `${prefix}out:`];
  return {
    readSession: () => parseSession(get(sessionKey)),
    writeSession: (session) => (session === undefined ? remove(sessionKey) : set(sessionKey, JSON.stringify(session))),
    listParcels: () =>
      [...new Set(shelves.flatMap((shelf) => shelf.list(parcels)))]
        .map((key) => parseParcel(get(key)))
        .filter((parcel) => parcel !== undefined)
        .sort(byOrder),
    writeParcel: (parcel) => set(`${parcels}${parcel.clientId}`, JSON.stringify(parcel)),
    removeParcel: (clientId) => remove(`${parcels}${clientId}`),
    readMark: () => [get(markKey)].find(isMessageId),
    writeMark: (messageId) => set(markKey, messageId),
    forgetMark: () => remove(markKey),
  };
}
