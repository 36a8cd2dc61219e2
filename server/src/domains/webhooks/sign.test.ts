import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { createEd25519Pair, Ed25519Signer, isSignedByEd25519 } from "../../platform/crypto/ed25519.ts";
import { isEncodingOf } from "../../platform/crypto/hmac.ts";
import { newId } from "../../platform/crypto/random.ts";
import { drawWebhookSecret } from "../channels/index.ts";
import { listSecrets, signStandard, signWithChannelSecret } from "./sign.ts";

// The verifier is another's: an own one could not find an own mistake.
const lax = { jsonParse: false };
const id = newId("delivery");
const body = Buffer.from('{"text":"Grüße, 你好"}', "utf8");
const secret = drawWebhookSecret();

function verify(secretText: string, headers: Record<string, string>, content: Buffer): void {
  new Webhook(secretText).verify(content.toString("utf8"), headers, lax);
}

describe("the standard signature", () => {
  it("is accepted by the standardwebhooks library for 10 000 random payloads", { timeout: 60_000 }, () => {
    const verifier = new Webhook(secret);
    let verified = 0;
    fc.assert(
      fc.property(fc.json({ maxDepth: 2 }), (text) => {
        const content = Buffer.from(text, "utf8");
        const headers = signStandard(
          { secrets: [secret] },
          { id: newId("delivery"), body: content },
          systemClock.nowMs(),
        );
        verifier.verify(content.toString("utf8"), headers, lax);
        verified += 1;
      }),
      { numRuns: 10_000 },
    );
    expect(verified).toBe(10_000);
  });

  it("is refused when a byte of the body, the id or the time differs", () => {
    const headers = signStandard({ secrets: [secret] }, { id, body }, systemClock.nowMs());
    verify(secret, headers, body);
    const later = String(Number(headers["webhook-timestamp"]) + 1);
    const altered = Buffer.from(body);
    altered[2] = 0x58;
    expect(() => verify(secret, headers, altered)).toThrow("No matching signature");
    expect(() => verify(secret, { ...headers, "webhook-id": newId("delivery") }, body)).toThrow(
      "No matching signature",
    );
    expect(() => verify(secret, { ...headers, "webhook-timestamp": later }, body)).toThrow("No matching signature");
    expect(() => verify(drawWebhookSecret(), headers, body)).toThrow("No matching signature");
  });

  it("is refused by the receiver when the attempt is more than five minutes away", () => {
    const atMs = systemClock.nowMs();
    const old = signStandard({ secrets: [secret] }, { id, body }, atMs - 302_000);
    const early = signStandard({ secrets: [secret] }, { id, body }, atMs + 302_000);
    expect(() => verify(secret, old, body)).toThrow("too old");
    expect(() => verify(secret, early, body)).toThrow("too new");
  });

  it("verifies with both secrets during a rotation, and with the current one alone after it", () => {
    const current = drawWebhookSecret();
    const untilMs = systemClock.nowMs() + 1_000;
    const endpoint = { secret: current, previous: { secret, untilMs } };
    const sign = (nowMs: number): Record<string, string> =>
      signStandard({ secrets: listSecrets(endpoint, nowMs) }, { id, body }, nowMs);
    const during = sign(untilMs - 1);
    verify(current, during, body);
    verify(secret, during, body);
    const after = sign(untilMs);
    verify(current, after, body);
    expect(() => verify(secret, after, body)).toThrow("No matching signature");
  });

  it("carries an Ed25519 signature that the public key verifies, beside the symmetric one", () => {
    const pair = createEd25519Pair();
    const headers = signStandard(
      { secrets: [secret], signer: new Ed25519Signer(pair.seed) },
      { id, body },
      1_700_000_000_999,
    );
    expect(headers["webhook-timestamp"]).toBe("1700000000");
    const [symmetric, asymmetric] = (headers["webhook-signature"] ?? "").split(" ");
    expect(symmetric).toMatch(/^v1,/);
    expect(asymmetric).toMatch(/^v1a,/);
    const signature = Buffer.from(asymmetric?.slice(4) ?? "", "base64");
    const signed = Buffer.concat([Buffer.from(`${id}.1700000000.`), body]);
    expect(isSignedByEd25519(pair.publicKey, signed, signature)).toBe(true);
    expect(isSignedByEd25519(pair.publicKey, Buffer.concat([signed, body]), signature)).toBe(false);
    expect(isSignedByEd25519(createEd25519Pair().publicKey, signed, signature)).toBe(false);
  });
});

describe("the channel signature", () => {
  it("is the base64 of an HMAC over the exact body, keyed with the secret's text", async () => {
    const header = signWithChannelSecret(secret, body)["x-woztell-signature"] ?? "";
    const key = Buffer.from(secret, "utf8");
    const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const expected = Buffer.from(await crypto.subtle.sign("HMAC", imported, body));
    expect(isEncodingOf(header, expected, "base64")).toBe(true);
  });
});
