import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type VisitorAct, visitorLimitTable } from "./limit-table.ts";
import { type LimitedCaller, toLimitError, VisitorLimits } from "./visitor-limits.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

let drawn = 0;
const drawId = (): string => (++drawn).toString(16).padStart(32, "0");
const at = (given: Partial<LimitedCaller> = {}): LimitedCaller => ({
  ...{ visitorId: `vis_${drawId()}`, channelId: `chn_${"a".repeat(32)}`, appId: `app_${"a".repeat(32)}` },
  ...{ address: "203.0.113.7", ...given },
});

/** Acts until the first refusal or `most`; the standing of each. */
async function countMany(
  limits: VisitorLimits,
  act: VisitorAct,
  { most, next }: { most: number; next: () => LimitedCaller },
) {
  const standings = [];
  for (let count = 0; count < most; count++) standings.push(await limits.count(act, next()));
  return { allowed: standings.filter((one) => !one.isExceeded).length, standings, last: standings.at(-1) };
}

describe("limits of visitors", () => {
  it("let a visitor send 20 messages a minute and 300 an hour, and say when to come back", async () => {
    const limits = new VisitorLimits();
    const caller = at();
    const first = await countMany(limits, "message", { most: 25, next: () => caller });
    expect(first.allowed).toBe(20);
    expect(first.last).toMatchObject({ isExceeded: true, retryAfterSeconds: 60 });
    vi.advanceTimersByTime(59_000);
    expect(await limits.count("message", caller)).toMatchObject({ isExceeded: true, retryAfterSeconds: 1 });
    let sent = 20;
    for (let minute = 0; minute < 20; minute++) {
      vi.advanceTimersByTime(60_001);
      sent += (await countMany(limits, "message", { most: 20, next: () => caller })).allowed;
    }
    expect(sent).toBe(300);
    vi.advanceTimersByTime(60_001);
    const { retryAfterSeconds } = await limits.count("message", caller);
    expect(retryAfterSeconds).toBeGreaterThan(1_200);
  });

  it.each<[VisitorAct, number, number]>([
    ["start", 30, 600],
    ["message", 120, 1_200],
  ])("SECURITY: slow a network down before refusing it: %s, proof above %d, no above %d", async (act, soft, hard) => {
    const limits = new VisitorLimits();
    let v6 = 0;
    const next = (): LimitedCaller => at({ address: `2001:db8:1:2::${(++v6).toString(16)}` });
    const { standings, allowed } = await countMany(limits, act, { most: hard + 5, next });
    expect(standings.findIndex((one) => one.wantsProof)).toBe(soft);
    expect(allowed).toBe(hard);
    expect(await limits.count(act, at({ address: "2001:db8:1:3::1" }))).toMatchObject({
      isExceeded: false,
      wantsProof: false,
    });
    vi.advanceTimersByTime(60_001);
    expect(await limits.count(act, next())).toMatchObject({ isExceeded: false, wantsProof: false });
  });

  it("ask a visitor who solved a challenge for no other one, for five minutes or 60 messages", async () => {
    const limits = new VisitorLimits({
      ...visitorLimitTable,
      message: [{ by: "network", seconds: 3_600, soft: 1, hard: 900 }],
    });
    const caller = at();
    await limits.count("message", at());
    expect((await limits.count("message", caller)).wantsProof).toBe(true);
    await limits.notePass(caller.visitorId ?? `vis_${drawId()}`);
    const { standings } = await countMany(limits, "message", { most: 61, next: () => caller });
    expect(standings.map((one) => one.wantsProof)).toEqual([...Array(60).fill(false), true]);
    await limits.notePass(caller.visitorId ?? `vis_${drawId()}`);
    expect((await limits.count("message", at())).wantsProof).toBe(true);
    vi.advanceTimersByTime(301_000);
    expect((await limits.count("message", caller)).wantsProof).toBe(true);
  });

  it("press harder the further a network is over its soft limit", async () => {
    const limits = new VisitorLimits();
    const { standings } = await countMany(limits, "start", { most: 240, next: () => at({ visitorId: undefined }) });
    expect([standings[29], standings[59], standings[239]].map((one) => one?.pressure)).toEqual([1, 2, 8]);
  });

  it("do not charge the network with what one visitor may not do, nor the channel with what a network may not", async () => {
    const limits = new VisitorLimits({
      ...visitorLimitTable,
      message: [
        { by: "visitor", seconds: 60, hard: 2 },
        { by: "network", seconds: 60, hard: 4 },
        { by: "channel", seconds: 60, hard: 6 },
      ],
    });
    const caller = at();
    await countMany(limits, "message", { most: 50, next: () => caller });
    expect((await countMany(limits, "message", { most: 50, next: () => at() })).allowed).toBe(2);
    const elsewhere = () => at({ address: "198.51.100.1" });
    expect((await countMany(limits, "message", { most: 50, next: elsewhere })).allowed).toBe(2);
  });

  it("hold for a channel and an app however many networks call", async () => {
    const limits = new VisitorLimits();
    let address = 0;
    const next = () => at({ address: `10.0.${(++address >> 8) & 255}.${address & 255}` });
    expect((await countMany(limits, "message", { most: 3_010, next })).allowed).toBe(3_000);
    const other = () => ({ ...next(), channelId: `chn_${"b".repeat(32)}` as const });
    expect((await countMany(limits, "message", { most: 3_010, next: other })).allowed).toBe(3_000);
    const third = () => ({ ...next(), channelId: `chn_${"c".repeat(32)}` as const });
    expect((await countMany(limits, "message", { most: 5, next: third })).allowed).toBe(0);
  });

  it("let a visitor upload ten files in ten minutes", async () => {
    const limits = new VisitorLimits();
    const caller = at();
    expect((await countMany(limits, "upload", { most: 15, next: () => caller })).allowed).toBe(10);
    vi.advanceTimersByTime(600_001);
    expect((await limits.count("upload", caller)).isExceeded).toBe(false);
  });

  it("keep five streams for a visitor and 500 for a network; a closed one makes room, once", () => {
    const limits = new VisitorLimits();
    const visitorId = `vis_${drawId()}` as const;
    const open = (given = visitorId, address = "203.0.113.7") => limits.openStream({ visitorId: given, address });
    const own = Array.from({ length: 6 }, () => open());
    expect(own.map((close) => close !== undefined)).toEqual([true, true, true, true, true, false]);
    own[0]?.();
    own[0]?.();
    expect([open(), open()].map((close) => close !== undefined)).toEqual([true, false]);
    const others = Array.from({ length: 500 }, () => open(`vis_${drawId()}`));
    expect(others.filter((close) => close !== undefined)).toHaveLength(495);
    expect(open(`vis_${drawId()}`, "203.0.113.8")).toBeDefined();
  });

  it("refuse with a plain sentence and the time to wait", () => {
    const error = toLimitError({ isExceeded: true, retryAfterSeconds: 42, wantsProof: false, pressure: 0 });
    expect(error).toMatchObject({ code: "visitors.rate_limited", status: 429, retryAfterSeconds: 42 });
  });
});
