import { createHmac, pbkdf2 } from "node:crypto";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { hashRaw } from "@node-rs/argon2";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Secret } from "../../../kernel/secret.ts";
import type { Logger } from "../../../platform/log/log.ts";
import { findHash, formatHash } from "./hash-format.ts";
import { PasswordHasher, type PasswordHasherOptions } from "./password-hasher.ts";

const pepper = new Secret(Buffer.alloc(32, 7));
const otherPepper = new Secret(Buffer.alloc(32, 8));
const least = { memoryKib: 19_456, passes: 2 };

function createHasher(options: Partial<PasswordHasherOptions> = {}): PasswordHasher {
  return new PasswordHasher({ pepper, parameters: least, ...options });
}

describe("a password hash", () => {
  it("is Argon2id with 64 MiB and three passes, then an HMAC under the pepper", async () => {
    const stored = await new PasswordHasher({ pepper }).hash("tundra vellum oboe");
    expect(stored).toMatch(/^\$argon2id-hmac-sha256\$v=19\$m=65536,t=3,p=1,keyid=\S{11}\$\S{22}\$\S{43}$/);
    const { salt, mac } = findHash(stored) ?? expect.fail("not readable");
    const raw = await hashRaw("tundra vellum oboe", { memoryCost: 65_536, timeCost: 3, parallelism: 1, salt });
    expect(mac).toEqual(createHmac("sha256", pepper.reveal()).update(raw).digest());
    expect(mac).not.toEqual(raw);
  });

  it("uses the reference's Argon2id version 19", async () => {
    const salt = Buffer.from("somesalt");
    const raw = await hashRaw("password", { memoryCost: 65_536, timeCost: 2, parallelism: 1, salt });
    // The reference implementation's own test vector.
    expect(raw.toString("base64")).toBe("CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc=");
  });

  it("matches the password it was made from, in either Unicode form, and no other", async () => {
    const hasher = createHasher();
    const stored = await hasher.hash("Fähre über Köln".normalize("NFD"));
    expect(await hasher.verify("Fähre über Köln".normalize("NFC"), stored)).toEqual({
      isMatch: true,
      needsRehash: false,
    });
    for (const other of [
      "Fahre uber Koln",
      "fähre über köln",
      "Fähre über Köln ",
      "",
      "x".repeat(5_000),
      "Fähre\ud800",
    ]) {
      expect(await hasher.verify(other, stored), other.slice(0, 20)).toEqual({ isMatch: false, needsRehash: false });
    }
  });

  it("never repeats a salt", async () => {
    const hasher = createHasher();
    const [first, second] = await Promise.all([hasher.hash("same"), hasher.hash("same")]);
    expect(first).not.toBe(second);
  });

  it("SECURITY: cannot be verified without its pepper", async () => {
    const error = vi.fn<Logger["error"]>();
    const stored = await createHasher().hash("tundra vellum oboe");
    const stranger = createHasher({ pepper: otherPepper, log: { error } });
    expect((await stranger.verify("tundra vellum oboe", stored)).isMatch).toBe(false);
    expect(error).toHaveBeenCalledWith({ reason: "pepper missing" }, expect.any(String));
    // Nor by claiming that it was made with the stranger's pepper.
    const { parameters, salt, mac } = findHash(stored) ?? expect.fail("not readable");
    const theirs = findHash(await stranger.hash("x"))?.pepperId ?? "";
    const relabelled = formatHash({ parameters, salt, mac, pepperId: theirs });
    expect((await stranger.verify("tundra vellum oboe", relabelled)).isMatch).toBe(false);
  });

  it("made under an earlier pepper matches and asks to be replaced", async () => {
    const stored = await createHasher().hash("tundra vellum oboe");
    const rotated = createHasher({ pepper: otherPepper, earlierPeppers: [pepper] });
    expect(await rotated.verify("tundra vellum oboe", stored)).toEqual({ isMatch: true, needsRehash: true });
    expect(await rotated.verify("another", stored)).toEqual({ isMatch: false, needsRehash: false });
  });

  it("asks to be replaced when the parameters were raised, and not when they were lowered", async () => {
    const low = createHasher();
    const raised = createHasher({ parameters: { memoryKib: 19_456, passes: 3 } });
    const [lowHash, raisedHash] = await Promise.all([low.hash("p"), raised.hash("p")]);
    expect(await raised.verify("p", lowHash)).toEqual({ isMatch: true, needsRehash: true });
    expect(await low.verify("p", raisedHash)).toEqual({ isMatch: true, needsRehash: false });
  });

  it("SECURITY: a malformed or greedy row matches nothing, costs the usual work and is reported", async () => {
    const error = vi.fn<Logger["error"]>();
    const hasher = createHasher({ log: { error } });
    const stored = await hasher.hash("p");
    const greedy = stored.replace("m=19456", "m=9999999");
    for (const row of ["", "x", greedy, stored.replace("t=2", "t=99"), `${stored} `, stored.replace("id-", "i-")]) {
      expect((await hasher.verify("p", row)).isMatch, row).toBe(false);
    }
    expect(error).toHaveBeenCalledTimes(6);
  });

  it("is read back as it was written", () => {
    const bytes = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b));
    fc.assert(
      fc.property(bytes(16), bytes(32), bytes(8), (salt, mac, id) => {
        const pepperId = id.toString("base64").replaceAll("=", "");
        const hash = { parameters: { memoryKib: 65_536, passes: 3, lanes: 1 }, pepperId, salt, mac };
        expect(findHash(formatHash(hash))).toEqual(hash);
      }),
    );
  });
});

describe("hashing", () => {
  it.each([
    [{ memoryKib: 19_455 }],
    [{ passes: 1 }],
    [{ memoryKib: 19_456.5 }],
    [{ memoryKib: Number.NaN }],
    [{ memoryKib: 2 ** 31 }],
    [{ lanes: 0 }],
  ])("SECURITY: refuses parameters outside its bounds: %j", (parameters) => {
    expect(() => createHasher({ parameters })).toThrow(
      expect.objectContaining({ code: "identity.hashing_misconfigured" }),
    );
  });

  it("SECURITY: refuses a pepper of less than 32 bytes", () => {
    const short = new Secret(Buffer.alloc(31, 1));
    expect(() => createHasher({ pepper: short })).toThrow(
      expect.objectContaining({ code: "identity.hashing_misconfigured" }),
    );
  });

  it("leaves the given pepper as it was", () => {
    const secret = new Secret(Buffer.alloc(32, 9));
    createHasher({ pepper: secret });
    expect(secret.reveal()).toEqual(Buffer.alloc(32, 9));
  });

  it("SECURITY: an unknown account costs what a known one costs", async () => {
    const hasher = createHasher();
    const stored = await hasher.hash("tundra vellum oboe");
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      known.push(await toDurationMs(() => hasher.verify("wrong", stored)));
      unknown.push(await toDurationMs(() => hasher.verifyNothing("wrong")));
    }
    const ratio = toMedian(unknown) / toMedian(known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
    expect(await hasher.verifyNothing("tundra vellum oboe")).toEqual({ isMatch: false, needsRehash: false });
  });

  it("SECURITY: runs two at once, lets a bounded number wait, and tells the rest to come back", async () => {
    const hasher = createHasher({ waitingMax: 3 });
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => hasher.verifyNothing("p")));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(5);
    const refused = results.filter((result) => result.status === "rejected");
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: "identity.busy", status: 503, retryAfterSeconds: 2 });
    }
    // The places are free again.
    await expect(Promise.all([1, 2, 3, 4, 5].map(() => hasher.verifyNothing("p")))).resolves.toHaveLength(5);
  });

  it("refuses to hash what is no password", async () => {
    for (const password of ["x".repeat(257), "a\u0000b", "\ud800"]) {
      await expect(createHasher().hash(password)).rejects.toMatchObject({ code: "identity.weak_password" });
    }
  });

  it("leaves timers and the thread pool free during 200 verifications", async () => {
    const hasher = createHasher({ waitingMax: 200 });
    const stored = await hasher.hash("p");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    let isRunning = true;
    const all = Promise.all(Array.from({ length: 200 }, () => hasher.verify("p", stored))).finally(() => {
      isRunning = false;
    });
    const poolMs: number[] = [];
    while (isRunning) poolMs.push(await toDurationMs(() => promisify(pbkdf2)("p", "s", 1, 32, "sha256")));
    delay.disable();
    expect((await all).every(({ isMatch }) => isMatch)).toBe(true);
    // On the event loop or across the whole pool, 200 hashes of some 20 ms would show as seconds.
    expect(delay.percentile(99) / 1e6).toBeLessThan(250);
    expect(toMedian(poolMs)).toBeLessThan(30);
    expect(poolMs.length).toBeGreaterThan(100);
  });
});

async function toDurationMs(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function toMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
