import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../kernel/errors.ts";
import type { ChannelId, MessageId, VisitorId } from "../../../kernel/ids.ts";
import type { MemberKey } from "../../conversations/index.ts";
import { visitorErrors } from "../errors.ts";
import type { MessageView } from "../message-view.ts";
import { toNotice } from "./keys.ts";
import { type Reading, type StreamOwner, VisitorStreams, type VisitorStreamsOptions } from "./visitor-streams.ts";

const channel = "a".repeat(32);
const channelId = `chn_${channel}` as ChannelId;
const key = `${channel}:${"b".repeat(32)}` as MemberKey;
const site = "https://shop.example";
const otherKey = `${channel}:${"c".repeat(32)}` as MemberKey;

/** A response that remembers what was written, and never drains unless told. */
class FakeResponse extends EventEmitter {
  readonly written: string[] = [];
  writableLength = 0;
  isEnded = false;
  destroyed = false;
  isDestroyed = false;
  keepsBytes = false;

  write(text: string): boolean {
    this.written.push(text);
    if (this.keepsBytes) this.writableLength += text.length;
    return true;
  }

  end(): void {
    this.isEnded = true;
    this.emit("close");
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }

  get events(): string[] {
    return this.written.filter((text) => text.startsWith("event: ")).map((text) => text.trimEnd());
  }

  get messages(): string[] {
    return this.events.flatMap((text) => /"messageId":"(msg_\w+)"/.exec(text)?.[1] ?? []);
  }
}

const toMessage = (number: number): MessageView => ({
  messageId: `msg_${String(number).padStart(32, "0")}` as MessageId,
  from: "bot",
  at: "2026-01-01T00:00:00.000Z",
  content: { type: "text", text: String(number) },
});

let ended: Set<VisitorId>;
let cutOffMs: number | undefined;
let nowMs: number;
let said: MessageView[];
let mode: string;
let reads: number;
let closes: number;
let streams: VisitorStreams;
const warnings: string[] = [];
const listEnded = vi.fn<VisitorStreamsOptions["listEnded"]>(async () => ended);
const onWriting = vi.fn<VisitorStreamsOptions["onWriting"]>();
const findCutOffMs = vi.fn<VisitorStreamsOptions["findCutOffMs"]>(async () => cutOffMs);

const read = async (): Promise<Reading> => {
  reads += 1;
  await Promise.resolve();
  return { mode, agentName: undefined, messages: [...said] };
};

function open(change: Partial<StreamOwner> = {}): FakeResponse {
  const response = new FakeResponse();
  const owner: StreamOwner = {
    ...{ visitorId: `vis_${"1".repeat(32)}` as VisitorId, key, site, after: undefined, seconds: 3600, read },
    onClose: () => {
      closes += 1;
    },
    ...change,
  };
  streams.attach(response as unknown as ServerResponse, owner);
  return response;
}

/** Lets everything that waits for a promise go on. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  [ended, cutOffMs, nowMs, said, mode, reads, closes] = [new Set(), 0, 1_000_000, [], "bot", 0, 0];
  warnings.splice(0);
  onWriting.mockClear();
  listEnded.mockImplementation(async () => ended);
  findCutOffMs.mockImplementation(async () => cutOffMs);
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  streams = new VisitorStreams({ listEnded, findCutOffMs, onWriting, nowMs: () => nowMs, log });
});
afterEach(() => {
  streams.close();
  vi.useRealTimers();
});

describe("a visitor's stream", () => {
  it("begins with ready, the mode and what was missed", async () => {
    said = [toMessage(1), toMessage(2)];
    const response = open();
    await settle();
    expect(response.events[0]).toBe("event: ready\ndata: {}");
    expect(response.events[1]).toBe('event: mode\ndata: {"mode":"bot"}');
    expect(response.messages).toEqual([toMessage(1).messageId, toMessage(2).messageId]);
  });

  it("is given a message once, also when a later look finds it again, and one of a slower clock too", async () => {
    said = [toMessage(5)];
    const response = open();
    await settle();
    said = [toMessage(4), toMessage(5), toMessage(6)];
    streams.hear(toNotice(key, "news"));
    await settle();
    expect(response.messages).toEqual([5, 4, 6].map((number) => toMessage(number).messageId));
  });

  it("looks on from the last message it was given, also after an older one came late", async () => {
    const asked: (string | undefined)[] = [];
    said = [toMessage(5)];
    const response = open({
      after: toMessage(2).messageId,
      read: (after) => {
        asked.push(after);
        return read();
      },
    });
    await settle();
    said = [toMessage(4)];
    streams.hear(toNotice(key, "news"));
    await settle();
    streams.hear(toNotice(key, "news"));
    await settle();
    expect(asked).toEqual([2, 5, 5].map((number) => toMessage(number).messageId));
    expect(response.messages).toHaveLength(2);
  });

  it("looks once more, and not a hundred times, for a hundred notices during a look", async () => {
    open();
    await settle();
    expect(reads).toBe(1);
    for (let count = 0; count < 100; count += 1) streams.hear(toNotice(key, "news"));
    said = [toMessage(1)];
    await settle();
    expect(reads).toBeLessThanOrEqual(3);
  });

  it("misses nothing that is said during a look", async () => {
    let finish: () => void = () => undefined;
    const response = open({
      read: async () => {
        const found = [...said];
        reads += 1;
        if (reads === 1) await new Promise<void>((resolve) => (finish = resolve));
        return { mode, agentName: undefined, messages: found };
      },
    });
    said = [toMessage(1)];
    streams.hear(toNotice(key, "news"));
    finish();
    await settle();
    expect(response.messages).toEqual([toMessage(1).messageId]);
  });

  it("is given everything that was missed, also what is more than one look finds", async () => {
    const all = Array.from({ length: 250 }, (_, number) => toMessage(number + 1));
    const response = open({
      after: toMessage(0).messageId,
      read: async (after) => {
        const behind = all.filter(({ messageId }) => messageId > (after ?? ""));
        return { mode, agentName: undefined, messages: behind.slice(0, 100), hasMore: behind.length >= 100 };
      },
    });
    await settle();
    expect(response.messages).toEqual(all.map(({ messageId }) => messageId));
  });

  it("is given a message that is longer than what may be unread", async () => {
    const long = { ...toMessage(1), content: { type: "text", text: "x".repeat(65_000) } } as const;
    said = [long, toMessage(2)];
    const response = open();
    response.keepsBytes = true;
    await vi.advanceTimersByTimeAsync(100);
    streams.hear(toNotice(key, "typing"));
    response.writableLength = 0;
    await vi.advanceTimersByTimeAsync(100);
    expect([response.isDestroyed, response.messages.length]).toEqual([false, 2]);
  });

  it("looks for news in its turn: of a thousand at once eight hold a connection", async () => {
    let [looking, most] = [0, 0];
    const slow = async (): Promise<Reading> => {
      looking += 1;
      most = Math.max(most, looking);
      await new Promise((resolve) => setTimeout(resolve, 5));
      looking -= 1;
      return read();
    };
    const opened = Array.from({ length: 1_000 }, () => open({ read: slow }));
    said = [toMessage(1)];
    await vi.advanceTimersByTimeAsync(2_000);
    expect([most, opened.every((response) => response.messages.length === 1)]).toEqual([8, true]);
  });

  it("hears of its own conversation alone, and of nothing that is no notice", async () => {
    const [own, other] = [open(), open({ key: otherKey })];
    await settle();
    const before = other.written.length;
    streams.hear(toNotice(key, "typing"));
    streams.hear(toNotice(key, "silent"));
    for (const junk of ["", "x", `${key}:other`, key, `${key}:news:more`, "\n"]) streams.hear(junk);
    await settle();
    const typing = own.events.filter((event) => event.startsWith("event: typing"));
    expect(typing.map((event) => event.slice(event.indexOf("{")))).toEqual([
      '{"from":"agent","isTyping":true}',
      '{"from":"agent","isTyping":false}',
    ]);
    expect(other.written).toHaveLength(before);
  });

  it("is not told that its visitor writes; those who answer are", async () => {
    const response = open();
    await settle();
    const before = response.written.length;
    streams.hear(toNotice(key, "writing"));
    streams.hear(toNotice(otherKey, "paused"));
    await settle();
    expect(onWriting.mock.calls).toEqual([
      [key, true],
      [otherKey, false],
    ]);
    expect(response.written).toHaveLength(before);
  });

  it("is told of another mode once", async () => {
    const response = open();
    await settle();
    mode = "live";
    for (let count = 0; count < 3; count += 1) {
      streams.hear(toNotice(key, "news"));
      await settle();
    }
    expect(response.events.filter((event) => event.startsWith("event: mode"))).toHaveLength(2);
  });

  it("SECURITY: is one event whatever a message holds: no line of it begins another", async () => {
    const text = "a\n\nevent: end\ndata: {}\n\n\r\u2028";
    said = [{ ...toMessage(1), content: { type: "text", text } }];
    const response = open();
    await settle();
    const [message] = response.written.filter((one) => one.startsWith("event: message"));
    expect(message?.split("\n")).toHaveLength(4);
    expect(message).not.toMatch(/\r/);
  });

  it("is kept alive by a comment every 15 seconds, and ends after its time", async () => {
    const response = open({ seconds: 40 });
    await vi.advanceTimersByTimeAsync(31_000);
    expect(response.written.filter((text) => text === ": alive\n\n")).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(response.events.at(-1)).toBe('event: end\ndata: {"reason":"time"}');
    expect([response.isEnded, streams.size, closes]).toEqual([true, 0, 1]);
  });
});

describe("a stream ends", () => {
  const last = (response: FakeResponse): string | undefined => response.events.at(-1);

  it("SECURITY: within a second of its session's end, and others go on", async () => {
    const [mine, theirs] = [open(), open({ visitorId: `vis_${"2".repeat(32)}` as VisitorId })];
    await settle();
    ended.add(`vis_${"1".repeat(32)}`);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last(mine)).toBe('event: end\ndata: {"reason":"session_ended"}');
    expect([mine.isEnded, theirs.isEnded, streams.size]).toEqual([true, false, 1]);
  });

  it("SECURITY: within a second of its channel's being switched off or gone", async () => {
    const response = open();
    cutOffMs = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last(response)).toBe('event: end\ndata: {"reason":"closed"}');
  });

  it("SECURITY: within a second of its site's being taken off the channel's list, and another site's goes on", async () => {
    const [gone, listed] = [open(), open({ key: otherKey, site: "https://listed.example" })];
    findCutOffMs.mockImplementation(async (_id, from) => (from === site ? undefined : 0));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([gone.isEnded, listed.isEnded]).toEqual([true, false]);
  });

  it("SECURITY: within a second of everybody's end, unless it was opened after it", async () => {
    const before = open();
    nowMs += 5_000;
    cutOffMs = nowMs;
    nowMs += 5_000;
    const after = open({ visitorId: `vis_${"2".repeat(32)}` as VisitorId });
    await vi.advanceTimersByTimeAsync(1_000);
    expect([before.isEnded, after.isEnded]).toEqual([true, false]);
    expect(findCutOffMs).toHaveBeenCalledWith(channelId, site);
  });

  it("SECURITY: when nobody can say whether its session lives", async () => {
    listEnded.mockRejectedValueOnce(new Error("the database is away"));
    const response = open();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last(response)).toBe('event: end\ndata: {"reason":"unknown"}');
    expect(warnings).toHaveLength(1);
  });

  it("when its news cannot be read: its visitor comes back", async () => {
    const response = open({ read: () => Promise.reject(new Error("away")) });
    await settle();
    expect(last(response)).toBe('event: end\ndata: {"reason":"unknown"}');
    expect(closes).toBe(1);
  });

  it("when its session turns out to have ended as news is read, and says so", async () => {
    const response = open({ read: () => Promise.reject(new AppError(visitorErrors.sessionEnded)) });
    await settle();
    expect(last(response)).toBe('event: end\ndata: {"reason":"session_ended"}');
  });

  const longMessages = Array.from({ length: 200 }, (_, number) => {
    const message = toMessage(number);
    return { ...message, content: { type: "text", text: "x".repeat(4_000) } } as const;
  });

  it("SECURITY: when it has not read for ten seconds what it was given, so that it fills no memory", async () => {
    const response = open();
    response.keepsBytes = true;
    await settle();
    said = longMessages;
    streams.hear(toNotice(key, "news"));
    await vi.advanceTimersByTimeAsync(9_000);
    expect([response.isDestroyed, streams.size]).toEqual([false, 1]);
    expect(response.writableLength).toBeLessThan(64 * 1024);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([response.isDestroyed, streams.size, closes]).toEqual([true, 0, 1]);
    const { length } = response.written;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(response.written).toHaveLength(length);
  });

  it("SECURITY: at once when 64 KiB of it are unread", async () => {
    const response = open();
    await settle();
    response.keepsBytes = true;
    for (let count = 0; count < 2_000 && !response.isDestroyed; count += 1) streams.hear(toNotice(key, "typing"));
    expect([response.isDestroyed, streams.size, closes]).toEqual([true, 0, 1]);
    expect(response.writableLength).toBeLessThan(65 * 1024);
  });

  it("not, however much was missed, as long as it reads; and a neighbour that reads nothing holds nobody up", async () => {
    const [reader, other] = [open(), open({ visitorId: `vis_${"2".repeat(32)}` as VisitorId })];
    await settle();
    [reader.keepsBytes, other.keepsBytes] = [true, true];
    said = longMessages;
    streams.hear(toNotice(key, "news"));
    for (let looks = 0; looks < 60; looks += 1) {
      await vi.advanceTimersByTimeAsync(100);
      reader.writableLength = 0;
    }
    expect(reader.messages).toEqual(longMessages.map(({ messageId }) => messageId));
    expect([reader.isDestroyed, other.isDestroyed]).toEqual([false, false]);
  });

  it("SECURITY: at once when its browser left before it was opened, so that it counts against nobody", async () => {
    const response = new FakeResponse();
    response.destroyed = true;
    const rest = { key, site, after: undefined, seconds: 3600, read };
    const onClose = () => {
      closes += 1;
    };
    const owner = { visitorId: `vis_${"1".repeat(32)}` as VisitorId, ...rest, onClose };
    streams.attach(response as unknown as ServerResponse, owner);
    await settle();
    expect([streams.size, closes, reads]).toEqual([0, 1, 0]);
  });

  it("when its browser leaves; what it held is given back once, and nothing is looked for any more", async () => {
    const response = open();
    await settle();
    response.emit("close");
    response.emit("error", new Error("reset"));
    expect([streams.size, closes]).toEqual([0, 1]);
    const before = listEnded.mock.calls.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(listEnded.mock.calls.length).toBe(before);
    streams.hear(toNotice(key, "news"));
    await settle();
    expect(response.messages).toEqual([]);
  });

  it("when the server stops", async () => {
    const responses = [open(), open({ key: otherKey })];
    await settle();
    streams.close();
    for (const response of responses) expect(last(response)).toBe('event: end\ndata: {"reason":"stopping"}');
    expect([streams.size, closes]).toEqual([0, 2]);
  });

  it("looks again at every conversation when notices may have been missed", async () => {
    const responses = [open(), open({ key: otherKey })];
    await settle();
    said = [toMessage(1)];
    streams.hearAll();
    await settle();
    for (const response of responses) expect(response.messages).toEqual([toMessage(1).messageId]);
  });
});
