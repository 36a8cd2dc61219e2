// The rows of the conversation: what the server told, unique and in the order of ids, then what is still on its way in the
// order of sending. Pages, stream and echoes may tell the same message in any order and any number of times.

import type { Parcel } from "./keeper.ts";
import { pick, type ServerMessage } from "./parse.ts";
import type { Delivery, Message } from "./types.ts";

const ranks: Readonly<Record<Delivery, number>> = { sent: 1, failed: 2, delivered: 3, read: 4 };

/** The later of two states of delivery: events may come late. */
function laterStatus(a: Delivery | undefined, b: Delivery | undefined): Delivery | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return ranks[b] >= ranks[a] ? b : a;
}

function mergeOne(known: ServerMessage, told: ServerMessage): ServerMessage {
  const status = laterStatus(known.status as Delivery | undefined, told.status as Delivery | undefined);
  // The row keeps its key, whichever of the two knew the client's id.
  return { ...known, ...told, key: known.key, ...pick({ status }) };
}

/** Known messages and told ones as one list: by id, each once. The same list when nothing is told. */
export function mergeMessages(
  known: readonly ServerMessage[],
  told: readonly ServerMessage[],
): readonly ServerMessage[] {
  if (told.length === 0) return known;
  const byId = new Map(known.map((message) => [message.messageId, message]));
  for (const message of told) {
    const former = byId.get(message.messageId);
    byId.set(message.messageId, former === undefined ? message : mergeOne(former, message));
  }
  return [...byId.values()].sort((a, b) => (a.messageId < b.messageId ? -1 : 1));
}

/** The list with one message's state of delivery raised. */
export function applyStatus(
  known: readonly ServerMessage[],
  messageId: unknown,
  status: Delivery,
): readonly ServerMessage[] {
  return known.map((message) =>
    message.messageId === messageId ? mergeOne(message, { ...message, status }) : message,
  );
}

function toRow(parcel: Parcel): Message {
  const { clientId, order, content, isAccepted, problem } = parcel;
  const status = problem !== undefined ? "failed" : isAccepted ? "sent" : "sending";
  return {
    ...{ key: clientId, clientId, from: "visitor", at: order, status, content },
    ...pick({ problem }),
  };
}

/** What views show. A parcel whose message has come is that message. */
export function toRows(known: readonly ServerMessage[], parcels: readonly Parcel[]): readonly Message[] {
  const clientIds = new Set(known.map((message) => message.clientId));
  return [...known, ...parcels.filter(({ clientId }) => !clientIds.has(clientId)).map(toRow)];
}

/**
 * From which message on to ask again after a gap. Not the last one: messages written at the same moment may become visible
 * in another order than their ids', and delivery states of the last few may have changed meanwhile.
 */
export function findResumePoint(known: readonly ServerMessage[]): string | undefined {
  return known[Math.max(0, known.length - resumeOverlap)]?.messageId;
}

const resumeOverlap = 20;
