// What this tab knows of the conversation: its messages, who answers, who types, what is unread. Takes what pages and
// stream tell, in whatever order, and puts it into the state.

import type { Environment } from "./environment.ts";
import type { StreamEvent } from "./event-stream.ts";
import type { Keeper } from "./keeper.ts";
import {
  type MessagePage,
  parseDelivery,
  parseMessage,
  parseMode,
  readFields,
  readText,
  type ServerMessage,
} from "./parse.ts";
import type { Hooks, StateHolder } from "./store.ts";
import { applyStatus, findResumePoint, mergeMessages, toRows } from "./timeline.ts";
import type { ChatEvents, ChatState } from "./types.ts";

interface ConversationOptions {
  readonly environment: Environment;
  readonly keeper: Keeper;
  readonly holder: StateHolder<ChatState>;
  readonly hooks: Hooks<ChatEvents>;
  /** These messages of ours have come back. */
  readonly onSeen: (clientIds: ReadonlySet<string | undefined>) => void;
}

export interface Conversation {
  takePage(page: MessagePage, isFirst: boolean): void;
  takeOlder(page: MessagePage): void;
  takeEvent(event: StreamEvent): void;
  /** Rows and unread count anew: the shelf or the panel changed. */
  refresh(): void;
  findResumePoint(): string | undefined;
  findFirst(): string | undefined;
  findLast(): string | undefined;
  /** The newest message of the other side; undefined when it is marked as read already. */
  findUnmarked(): string | undefined;
  clear(): void;
}

const typingMs = 10_000;

const isFromOthers = ({ from }: ServerMessage): boolean => from === "bot" || from === "agent";

function parseData(event: StreamEvent): Readonly<Record<string, unknown>> {
  try {
    return readFields(JSON.parse(event.data));
  } catch {
    return {};
  }
}

/** The conversation of one tab. */
export function createConversation(options: ConversationOptions): Conversation {
  const { environment, keeper, holder, hooks } = options;
  let known: readonly ServerMessage[] = [];
  let stopTyping: (() => void) | undefined;

  const refresh = () => {
    const mark = keeper.readMark() ?? "";
    const { isOpen } = holder.getState();
    const isSeen = isOpen && environment.isVisible();
    const unread = isSeen ? 0 : known.filter((one) => isFromOthers(one) && one.messageId > mark).length;
    const former = holder.getState().unread;
    holder.update({ messages: toRows(known, keeper.listParcels()), unread });
    if (unread !== former) hooks.emit("unread", { count: unread });
  };
  const show = (next: readonly ServerMessage[]) => {
    known = next;
    const clientIds = new Set(known.map(({ clientId }) => clientId).filter((id) => id !== undefined));
    options.onSeen(clientIds);
    refresh();
  };
  const setTyping = (from: "bot" | "agent" | undefined) => {
    stopTyping?.();
    stopTyping = from && environment.clock.after(typingMs, () => setTyping(undefined));
    holder.update({ typing: from });
  };
  const take = (told: readonly ServerMessage[], news: readonly ServerMessage[]) => {
    const ids = new Set(known.map(({ messageId }) => messageId));
    const fresh = told.filter((message) => !ids.has(message.messageId) && isFromOthers(message));
    show(mergeMessages(known, told));
    if (fresh.some(({ from }) => from === holder.getState().typing)) setTyping(undefined);
    for (const message of fresh) if (news.includes(message)) hooks.emit("message", message);
  };
  const takeMode = (fields: Readonly<Record<string, unknown>>) => {
    if (fields.mode !== undefined)
      holder.update({ mode: parseMode(fields.mode), agentName: readText(fields.agentName) });
  };
  return {
    takePage(page, isFirst) {
      holder.update({ mode: page.mode, isLoaded: true, ...(isFirst ? { hasOlder: page.hasMore } : {}) });
      // Of a first page only what follows a message of ours that had not come back yet is news.
      const own = new Set<string | undefined>(keeper.listParcels().map(({ clientId }) => clientId));
      const newsAt = isFirst ? page.items.findIndex(({ clientId }) => own.has(clientId)) : 0;
      take(page.items, newsAt < 0 ? [] : page.items.slice(newsAt));
    },
    takeOlder(page) {
      holder.update({ hasOlder: page.hasMore && page.items.length > 0 });
      take(page.items, []);
    },
    takeEvent(event) {
      const fields = parseData(event);
      const message = event.name === "message" ? parseMessage(fields) : undefined;
      if (message !== undefined) take([message], [message]);
      const status = event.name === "status" ? parseDelivery(fields.status) : undefined;
      if (status !== undefined) show(applyStatus(known, fields.messageId, status));
      if (event.name === "mode") takeMode(fields);
      const from = fields.from === "bot" || fields.from === "agent" ? fields.from : undefined;
      if (event.name === "typing") setTyping(fields.isTyping === true ? from : undefined);
    },
    refresh,
    findResumePoint: () => findResumePoint(known),
    findFirst: () => known[0]?.messageId,
    findLast: () => known.at(-1)?.messageId,
    findUnmarked() {
      const last = known.findLast(isFromOthers)?.messageId;
      return last !== undefined && last > (keeper.readMark() ?? "") ? last : undefined;
    },
    clear() {
      setTyping(undefined);
      known = [];
      holder.update({ hasOlder: false, isLoaded: false, mode: "bot", agentName: undefined });
      refresh();
    },
  };
}
