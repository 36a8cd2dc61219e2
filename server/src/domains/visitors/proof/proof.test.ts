import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import {
  type Challenge,
  checkProof,
  hasZeroBits,
  isSolved,
  issueProof,
  type ProofPlace,
  toDifficulty,
} from "./proof.ts";

const toSealer = (key: string): Sealer =>
  ({
    blindIndex: (...parts: string[]) => createHmac("sha256", key).update(parts.join("\0")).digest().subarray(0, 16),
  }) as unknown as Sealer;
const sealer = toSealer("of this app");
const place: ProofPlace = {
  channelId: `chn_${"a".repeat(32)}`,
  site: "https://shop.example",
  network: "203.0.113.7",
  nowMs: 1_800_000_000_000,
};

/** As the widget does it. */
function solve({ challenge, difficulty }: Challenge): { challenge: string; solution: string } {
  for (let tried = 0; ; tried++) {
    const solution = tried.toString(36);
    const hash = createHash("sha256").update(`${challenge}.${solution}`).digest("hex");
    const bits = Array.from(hash, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
    if (bits.startsWith("0".repeat(difficulty))) return { challenge, solution };
  }
}

const solved = solve(issueProof(sealer, place, 10));

describe("a proof of work", () => {
  it("is accepted when it was solved for this channel, page and network within two minutes", () => {
    expect(isSolved(sealer, solved, place)).toBe(true);
    expect(isSolved(sealer, solved, { ...place, nowMs: place.nowMs + 119_000 })).toBe(true);
  });

  it.each([
    ["too late", sealer, { ...place, nowMs: place.nowMs + 120_000 }],
    ["for another channel", sealer, { ...place, channelId: `chn_${"b".repeat(32)}` as const }],
    ["for another page", sealer, { ...place, site: "https://other.example" }],
    ["for another network", sealer, { ...place, network: "203.0.113.8" }],
    ["for another app", toSealer("of another app"), place],
  ])("SECURITY: is worth nothing %s", (_, ofApp, where) => {
    expect(isSolved(ofApp, solved, where)).toBe(false);
  });

  it("SECURITY: a challenge made easier or longer by its solver is none of ours", () => {
    const bytes = Buffer.from(issueProof(sealer, place, 18).challenge, "base64url");
    for (const [offset, value] of [
      [0, 1],
      [1, 0xff],
    ] as const) {
      const altered = Buffer.from(bytes);
      altered[offset] = value;
      expect(isSolved(sealer, solve({ challenge: altered.toString("base64url"), difficulty: 1 }), place)).toBe(false);
    }
  });

  it("is refused for whatever is not a challenge and a solution", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 40 }), (challenge, solution) => {
        expect(isSolved(sealer, { challenge, solution }, place)).toBe(false);
        expect(
          isSolved(sealer, { ...solved, challenge: challenge + solved.challenge.slice(challenge.length) }, place),
        ).toBe(challenge === solved.challenge.slice(0, challenge.length));
      }),
    );
    expect(isSolved(sealer, { ...solved, solution: `${solved.solution}.` }, place)).toBe(false);
  });

  it("counts once, and only a solved one asks the database", async () => {
    const used: string[] = [];
    const query = async (_: unknown, values: unknown[]) => {
      const nonce = (values[1] as Buffer).toString("hex");
      if (used.includes(nonce)) return [];
      used.push(nonce);
      return [{ used: true }];
    };
    const tx = { query } as unknown as TenantTx;
    expect(await checkProof(tx, sealer, { proof: { ...solved, solution: "0" }, place })).toBe(false);
    expect(used).toEqual([]);
    expect(await checkProof(tx, sealer, { proof: solved, place })).toBe(true);
    expect(await checkProof(tx, sealer, { proof: solved, place })).toBe(false);
    expect(used).toHaveLength(1);
  });

  it("is as hard as there is need", () => {
    expect([0, 1, 1.9, 2, 4, 8, 64, 1e9].map(toDifficulty)).toEqual([14, 14, 14, 15, 16, 17, 20, 20]);
  });

  it("counts zero bits as they are written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 24 }), (bytes, bits) => {
        const written = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        expect(hasZeroBits(Buffer.from(bytes), bits)).toBe(written.startsWith("0".repeat(bits)));
      }),
    );
    expect(hasZeroBits(Buffer.from([0, 0, 0x1f]), 19)).toBe(true);
    expect(hasZeroBits(Buffer.from([0, 0, 0x3f]), 19)).toBe(false);
  });
});
