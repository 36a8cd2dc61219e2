// A chat core without a network: it stands still in a given state, does what views ask as far as it can be seen, and keeps
// a list of what was asked of it.

import type { Chat, ChatState, Content, Media, Message } from "../src/client/types.ts";

const done = Promise.resolve({ isDone: true } as const);

export const firstState: ChatState = {
  phase: "ready",
  isOpen: true,
  connection: "online",
  mode: "bot",
  messages: [],
  hasOlder: false,
  isLoadingOlder: false,
  isLoaded: true,
  unread: 0,
  uploads: [],
  locale: "en",
  needsConsent: false,
  needsIdentity: false,
  isVerified: false,
  isProving: false,
};

async function drawPicture({ source, width = 640, height = 420 }: Media): Promise<Blob | undefined> {
  const index = "index" in source ? source.index : 7;
  if (index === 99) return undefined;
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  if (pen === null) return undefined;
  const sky = pen.createLinearGradient(0, 0, width, height);
  sky.addColorStop(0, `hsl(${(index * 67 + 205) % 360} 55% 72%)`);
  sky.addColorStop(1, `hsl(${(index * 67 + 255) % 360} 45% 48%)`);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = "rgb(255 255 255 / 55%)";
  pen.beginPath();
  pen.arc(width * 0.7, height * 0.35, height * 0.14, 0, 7);
  pen.fill();
  pen.fillStyle = "rgb(20 30 60 / 35%)";
  pen.beginPath();
  pen.moveTo(0, height);
  pen.lineTo(width * 0.35, height * 0.45);
  pen.lineTo(width * 0.6, height * 0.8);
  pen.lineTo(width * 0.8, height * 0.6);
  pen.lineTo(width, height);
  pen.fill();
  return canvas.convertToBlob();
}

export interface FakeChat extends Chat {
  readonly asked: readonly string[];
  change(change: Partial<ChatState>): void;
  /** A message of the other side. */
  receive(content: Content, from?: Message["from"]): void;
}

/** A chat in the state `start`. */
export function createFakeChat(start: Partial<ChatState>, now: () => number): FakeChat {
  let state: ChatState = { ...firstState, ...start };
  let count = 0;
  const listeners = new Set<() => void>();
  const asked: string[] = [];
  const change = (next: Partial<ChatState>) => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };
  const add = (content: Content, from: Message["from"]) => {
    const key = `new-${(count += 1)}`;
    const status = from === "visitor" ? { status: "sent" as const } : {};
    change({ messages: [...state.messages, { key, messageId: `msg_${key}`, from, at: now(), content, ...status }] });
  };
  const note = (name: string, value?: string) => asked.push(value === undefined ? name : `${name} ${value}`);
  return {
    asked,
    change,
    receive: (content, from = "bot") => add(content, from),
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    on: () => () => undefined,
    open: () => change({ isOpen: true, unread: 0 }),
    close: () => change({ isOpen: false }),
    send(text) {
      if (state.needsConsent || text.trim() === "") return false;
      note("send", text);
      add({ type: "text", text }, "visitor");
      return true;
    },
    sendPayload({ title, payload }) {
      if (state.needsConsent) return false;
      note("payload", payload);
      add({ type: "payload", title }, "visitor");
      return true;
    },
    upload: (file) => void note("upload", file.name),
    dismissUpload: (key) => change({ uploads: state.uploads.filter((upload) => upload.key !== key) }),
    retry: (key) => void note("retry", key),
    discard: (key) => change({ messages: state.messages.filter((message) => message.key !== key) }),
    markRead: () => state.unread > 0 && change({ unread: 0 }),
    typing: () => undefined,
    identify: () => done,
    setLocale: (locale) => change({ locale }),
    loadOlder: () => change({ isLoadingOlder: true }),
    acceptConsent: () => change({ needsConsent: false }),
    end() {
      change({ phase: "ended", endReason: "ended" });
      return done;
    },
    restart: () => change({ ...firstState, locale: state.locale }),
    requestTranscript: () => done,
    sendContact({ email }) {
      note("contact", email);
      return done;
    },
    fetchMedia: drawPicture,
    destroy: () => undefined,
  };
}
