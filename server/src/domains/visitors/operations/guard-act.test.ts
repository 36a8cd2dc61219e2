import { describe, expect, it } from "vitest";
import type { VisitorActor } from "../../../kernel/actor.ts";
import { createManualClock } from "../../../kernel/clock.ts";
import { sha256 } from "../../../platform/crypto/hmac.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { WebSettings } from "../../channels/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { visitorLimitTable } from "../limits/limit-table.ts";
import { VisitorLimits } from "../limits/visitor-limits.ts";
import { hasZeroBits, issueProof, type Solved } from "../proof/proof.ts";
import { guardAct } from "./guard-act.ts";

const clock = createManualClock(1_790_000_000_000);
const sealer = { blindIndex: (_table: string, _column: string, text: string) => sha256(text).subarray(0, 16) };
const web = { proofOfWork: "auto" } as WebSettings;
const address = "203.0.113.7";
const channelId = `chn_${"c".repeat(32)}` as const;
const site = "https://shop.example";
// The statement that uses a solution up; in a transaction that is rolled back it is as if it had never run.
const tx = { query: async () => [{ used: true }] } as unknown as TenantTx;

const toActor = (number: number) =>
  ({
    kind: "visitor",
    visitorId: `vis_${String(number).padStart(32, "0")}`,
    channelId,
    appId: "app_1",
    site,
  }) as unknown as VisitorActor;

function solve(): Solved {
  const place = { channelId, site, network: address, nowMs: clock.nowMs() };
  const { challenge, difficulty } = issueProof(sealer as unknown as Sealer, place, 4);
  for (let tries = 0; ; tries += 1) {
    if (hasZeroBits(sha256(`${challenge}.${tries}`), difficulty)) return { challenge, solution: String(tries) };
  }
}

function openLimits(): VisitorLimits {
  const message = [{ by: "network", seconds: 60, soft: 1, hard: 1_000 }] as const;
  return new VisitorLimits({ ...visitorLimitTable, message });
}

const act = (limits: VisitorLimits, number: number, proof?: Solved) =>
  guardAct({ limits, clock }, tx, {
    ...{ act: "message", actor: toActor(number), address, web, proof },
    sealer: sealer as unknown as Sealer,
  });
const proofRequired = expect.objectContaining({ code: "visitors.proof_required" });

describe("proof of work", () => {
  it("SECURITY: buys no peace while the act it was brought for is not kept, so that one solution serves one visitor", async () => {
    const limits = openLimits();
    await act(limits, 0);
    await expect(act(limits, 1)).rejects.toEqual(proofRequired);
    const proof = solve();
    // The act fails afterwards: its transaction, and with it the use of the solution, is rolled back.
    for (const number of [1, 2, 3]) await act(limits, number, proof);
    for (const number of [1, 2, 3]) await expect(act(limits, number)).rejects.toEqual(proofRequired);
  });

  it("SECURITY: that is not brought uses up nothing of what all visitors of the channel may do", async () => {
    const message = [
      { by: "network", seconds: 60, soft: 1, hard: 1_000 },
      { by: "channel", seconds: 60, hard: 10 },
    ] as const;
    const limits = new VisitorLimits({ ...visitorLimitTable, message });
    await act(limits, 0);
    for (let tries = 0; tries < 50; tries += 1) await expect(act(limits, 1)).rejects.toEqual(proofRequired);
    await expect(act(limits, 2, solve())).resolves.toBeTypeOf("function");
  });

  it("is not asked for again soon once the act is kept", async () => {
    const limits = openLimits();
    await act(limits, 0);
    const remember = await act(limits, 1, solve());
    await remember();
    await expect(act(limits, 1)).resolves.toBeTypeOf("function");
    await expect(act(limits, 2)).rejects.toEqual(proofRequired);
  });
});
