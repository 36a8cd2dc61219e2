import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";
import { nowMs } from "./monotonic.ts";
import { part } from "./sightings.ts";
import { type Bearer, Traffic, toSender } from "./traffic.ts";

const apps = ["111", "222"].map(
  (phoneNumberId): Bearer => ({
    appId: `app_${phoneNumberId}`,
    inboundUrl: `http://127.0.0.1:1/channels/${phoneNumberId}/inbound`,
    phoneNumberId,
    appSecret: "secret",
    channelSecret: "secret",
  }),
);
const aim = { apps, members: 4 };

function open(expectsWebhooks = false) {
  const replied: number[] = [];
  const traffic = new Traffic(aim, 10);
  const ledger = new Ledger({ traffic, expectsWebhooks, onReplied: (order) => replied.push(order) });
  const reply = (order: number, wrong: { to?: number; from?: number } = {}): void => {
    const { member, app } = toSender(aim, order);
    const right = { to: member, from: Number(app.phoneNumberId) };
    ledger.sighted({ part: part.replied, order, atMs: nowMs(), ...right, ...wrong });
  };
  return { ledger, replied, reply };
}

describe("the ledger of a round", () => {
  it("counts a message as done only when it was answered and its reply arrived, in either order", () => {
    const { ledger, replied, reply } = open();
    const [first, second] = [ledger.begin(nowMs()), ledger.begin(nowMs())];
    ledger.answered(first, 200);
    reply(second);
    expect(replied).toEqual([]);
    reply(first);
    ledger.answered(second, 200);
    expect(replied).toEqual([first, second]);
    expect(ledger.isComplete).toBe(true);
  });

  it("reports a message without a reply as lost", () => {
    const { ledger } = open();
    ledger.answered(ledger.begin(nowMs()), 200);
    expect(ledger.toResult(nowMs() - 1)).toMatchObject({ sent: 1, done: 0, lost: 1 });
  });

  it("reports a refusal by its status, and the message as lost", () => {
    const { ledger } = open();
    ledger.answered(ledger.begin(nowMs()), 503);
    expect(ledger.toResult(nowMs() - 1)).toMatchObject({ refused: { 503: 1 }, lost: 1 });
  });

  it("counts a second reply as a duplicate, and hands the message on once", () => {
    const { ledger, replied, reply } = open();
    const order = ledger.begin(nowMs());
    ledger.answered(order, 200);
    reply(order);
    reply(order);
    expect(ledger.toResult(nowMs() - 1)).toMatchObject({ duplicates: 1, done: 1, lost: 0 });
    expect(replied).toEqual([order]);
  });

  it.each([{ to: 1 }, { from: 333 }])("finds a reply that goes wrong: %o", (wrong) => {
    const { ledger, reply } = open();
    reply(ledger.begin(nowMs()), wrong);
    expect(ledger.toResult(nowMs() - 1)).toMatchObject({ misdelivered: 1 });
  });

  it("waits for both webhooks, without holding up the next message", () => {
    const { ledger, replied, reply } = open(true);
    const order = ledger.begin(nowMs());
    ledger.answered(order, 200);
    reply(order);
    expect(replied).toEqual([order]);
    expect(ledger.isComplete).toBe(false);
    for (const told of [part.inboundTold, part.outboundTold]) {
      ledger.sighted({ part: told, order, to: 0, from: 0, atMs: nowMs() });
    }
    expect(ledger.isComplete).toBe(true);
    expect(ledger.toResult(nowMs() - 1)).toMatchObject({ done: 1, lost: 0, duplicates: 0 });
  });

  it("counts what is done after the end of the time only where webhooks trail behind", () => {
    const { ledger, reply } = open();
    const order = ledger.begin(nowMs());
    ledger.endTime(nowMs());
    ledger.answered(order, 200);
    reply(order);
    expect(ledger.toResult(nowMs() - 1000)).toMatchObject({ done: 1, messagesPerSecond: 0 });
  });

  it("counts latency from when the message was due", () => {
    const { ledger } = open();
    const order = ledger.begin(1_000);
    const { member, app } = toSender(aim, order);
    ledger.sighted({ part: part.replied, order, to: member, from: Number(app.phoneNumberId), atMs: 1_250 });
    expect(ledger.toResult(nowMs() - 1).p50Ms).toBe(250);
  });
});
