import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { parseCommand } from "./bridge.ts";
import { createStorageShelf } from "./browser.ts";
import { createMemoryShelf } from "./environment.ts";
import { createEventParser } from "./event-stream.ts";
import { createWebLocks } from "./locks.ts";
import { parseContent, parseMessage, parsePage } from "./parse.ts";
import { solveProof } from "./proof.ts";
import { sha256 } from "./sha256.ts";
import { createPageLocks, createStorageLocks } from "./storage-locks.ts";
import { createFakeClock } from "./testing/fake-clock.ts";
import { parseRetryAfter } from "./transport.ts";

const ascii = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 200,
});

describe("sha256", () => {
  it("is SHA-256 for every length of text", () => {
    fc.assert(
      fc.property(ascii, (text) => {
        const hex = [...sha256(text)].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
        expect(hex).toBe(createHash("sha256").update(text).digest("hex"));
      }),
    );
  });
});

describe("a proof of work", () => {
  it("is a decimal counter whose hash with the challenge begins with the zero bits", async () => {
    const clock = { ...createFakeClock(), after: (_: number, run: () => void) => (setImmediate(run), () => undefined) };
    let looks = 0;
    const moving = { ...clock, now: () => looks++ };
    const solution = await solveProof({ challenge: "abc", difficulty: 12 }, moving, new AbortController().signal);
    expect(solution).toMatch(/^\d+$/);
    const digest = createHash("sha256").update(`abc.${solution}`).digest();
    expect(digest.readUInt32BE(0) >>> 20).toBe(0);
  });

  it.each([
    { difficulty: 40 },
    { difficulty: -1 },
    { difficulty: Number.NaN },
    { challenge: "" },
    { challenge: "a b" },
  ])("is not searched for when no honest server would ask it: %o", async (odd) => {
    const puzzle = { challenge: "abc", difficulty: 8, ...odd };
    expect(await solveProof(puzzle, createFakeClock(), new AbortController().signal)).toBeUndefined();
  });
});

describe("the event parser", () => {
  it("reads the same events wherever the bytes are cut, with any line ending", () => {
    const text =
      ': hi\r\nevent: message\r\ndata: {"a":"é漢"}\r\n\r\ndata: one\ndata: two\n\nid: 7\n\rdata:x\r\revent: none\n\n';
    const bytes = new TextEncoder().encode(text);
    const whole = [
      { name: "message", data: '{"a":"é漢"}' },
      { name: "message", data: "one\ntwo" },
      { name: "message", data: "x" },
    ];
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const parse = createEventParser();
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const events = edges.slice(1).flatMap((edge, i) => parse(bytes.slice(edges[i], edge)));
        expect(events).toEqual(whole);
      }),
    );
  });

  it("refuses an event that never ends", () => {
    const parse = createEventParser();
    const bytes = new TextEncoder().encode(`data: ${"x".repeat(600_000)}`);
    parse(bytes);
    expect(() => parse(bytes)).toThrow(RangeError);
  });
});

describe("reading answers", () => {
  it("never throws and never lets through what has no id, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything(), (junk) => {
        expect(parsePage(junk).items).toEqual([]);
        expect(parseContent(junk)).toHaveProperty("type");
        expect(parseMessage({ messageId: `msg_${"0".repeat(32)}`, content: junk, at: junk })?.from).toBe("system");
      }),
    );
  });

  it("takes the time of a message without one from its id", () => {
    const at = Date.UTC(2026, 0, 1);
    const messageId = `msg_${at.toString(16).padStart(12, "0")}7${"0".repeat(19)}`;
    expect(parseMessage({ messageId })?.at).toBe(at);
  });

  it.each([
    ["5", 5_000],
    ["Thu, 01 Jan 2026 00:00:10 GMT", 10_000],
    ["99999999", 3_600_000],
    ["-3", 0],
    ["soon", undefined],
    [null, undefined],
  ])("understands Retry-After %s", (value, waitMs) => {
    expect(parseRetryAfter(value, Date.UTC(2026, 0, 1))).toBe(waitMs);
  });

  it("takes no command that is none, and no value that is no text", () => {
    for (const odd of [
      null,
      {},
      { name: "destroy" },
      { name: "send" },
      { name: "send", value: {} },
      { name: "constructor", value: "x" },
    ]) {
      expect(parseCommand(odd)).toBeUndefined();
    }
    expect(parseCommand({ name: "send", value: "hi" })).toEqual({ name: "send", value: "hi" });
  });
});

describe("the shelf", () => {
  it("is in memory when the browser refuses storage, and from the moment it is full", () => {
    const refused = createStorageShelf(() => {
      throw new DOMException("no", "SecurityError");
    });
    refused.set("a", "1");
    expect([refused.get("a"), refused.list("")]).toEqual(["1", ["a"]]);
    const entries = new Map<string, string>();
    const setItem = vi.fn<Storage["setItem"]>((key, value) => void entries.set(key, value));
    const storage = {
      getItem: (key: string) => entries.get(key) ?? null,
      setItem,
      removeItem: (key: string) => entries.delete(key),
    };
    const full = createStorageShelf(() => storage as unknown as Storage);
    full.set("a", "1");
    setItem.mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    full.set("a", "2");
    expect([full.get("a"), entries.get("a")]).toEqual(["2", "1"]);
  });
});

describe.each(["page", "storage"])("locks of the %s", (kind) => {
  it("never let an exclusive holder run beside another, starve nobody and are freed by a failure", async () => {
    const clock = createFakeClock();
    let tab = 0;
    const shelf = createMemoryShelf();
    const open = () =>
      createStorageLocks({
        shelf,
        clock,
        page: createPageLocks(),
        randomBytes: (count) => new Uint8Array(count).fill(++tab),
      });
    const shared = createPageLocks();
    const tabs = [0, 1, 2].map(() => (kind === "page" ? shared : open()));
    let [sharing, alone, done] = [0, 0, 0];
    const use = async (mode: "shared" | "exclusive") => {
      const isAlone = mode === "exclusive";
      if (isAlone) alone += 1;
      else sharing += 1;
      expect(alone).toBeLessThanOrEqual(1);
      expect(alone === 1 && sharing > 0).toBe(false);
      await new Promise<void>((next) => clock.after(30, next));
      if (isAlone) alone -= 1;
      else sharing -= 1;
      done += 1;
      throw new RangeError("freed all the same");
    };
    const runs = tabs.flatMap((locks) =>
      (["shared", "exclusive", "shared", "shared", "exclusive"] as const).map((mode) =>
        expect(locks.hold("x", mode, () => use(mode))).rejects.toThrow(RangeError),
      ),
    );
    await clock.advance(20_000);
    await Promise.all(runs);
    expect(done).toBe(15);
    expect(shelf.list("")).toEqual([]);
  });
});

describe("locks of the browser", () => {
  it("give way to the spare ones where the browser refuses them, but not when the run fails", async () => {
    const refusing = { request: () => Promise.reject(new DOMException("no", "SecurityError")) };
    const spared = createWebLocks(refusing as unknown as LockManager, createPageLocks());
    expect(await spared.hold("x", "shared", () => Promise.resolve(1))).toBe(1);
    const granting = { request: (_: string, __: object, run: () => Promise<unknown>) => run() };
    const spare = vi.fn<() => Promise<never>>();
    const locks = createWebLocks(granting as unknown as LockManager, { hold: spare });
    await expect(locks.hold("x", "shared", () => Promise.reject(new RangeError("mine")))).rejects.toThrow("mine");
    expect(spare).not.toHaveBeenCalled();
  });
});
