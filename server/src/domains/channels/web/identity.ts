// What a web channel believes about who a visitor is: keys and secrets of the customer's own server, which signs a JWT.
// The secrets are credentials of the channel, written and never read out.

import { z } from "zod";
import { findSignatureAlgorithm } from "../../../platform/crypto/public-key.ts";
import type { ChannelCredentials } from "../adapter.ts";

const keysMax = 4;
/** While the customer's servers change over, the secret before the last is good too. */
const secretsMax = 2;

function isJwksUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === "https:" && url.username === "" && url.password === "" && url.hash === "";
}

const PublicKeyPem = z
  .string()
  .max(4_000)
  .refine((pem) => findSignatureAlgorithm(pem) !== undefined, {
    error: "must be one public key in PEM: RSA from 2048 bits, P-256 or Ed25519",
  });

export const WebIdentity = z.strictObject({
  /** `required`: nobody writes before the site has said who it is. */
  mode: z.enum(["off", "optional", "required"]),
  jwksUrl: z.string().max(2_000).refine(isJwksUrl, { error: "must be an https address" }).optional(),
  publicKeysPem: z.array(PublicKeyPem).max(keysMax).default([]),
});

export type WebIdentity = z.infer<typeof WebIdentity>;

/** A secret that HS256 may use: at least the 256 bits of its hash (RFC 7518 3.2), in characters every system can hold. */
export const IdentitySecret = z
  .string()
  .min(32)
  .max(256)
  .regex(/^[\x21-\x7e]+$/, { error: "must be printable ASCII without spaces" })
  .refine((secret) => new Set(secret).size >= 10 && !secret.includes("-----BEGIN"), {
    error: "must be drawn at random, and be no key",
  });

/** The HS256 secrets that are good now, the latest first; none when there never was one. */
export function listIdentitySecrets(credentials: ChannelCredentials): readonly string[] {
  const stored = Object.hasOwn(credentials, "identitySecrets") ? credentials["identitySecrets"] : undefined;
  return stored === undefined ? [] : z.array(z.string()).parse(JSON.parse(stored));
}

/** The credentials with another secret in front, keeping the one before unless told otherwise; `null` ends them all. */
export function replaceIdentitySecret(
  credentials: ChannelCredentials,
  secret: string | null,
  { keepsPrevious }: { keepsPrevious: boolean },
): ChannelCredentials {
  const { channelSecret: _own, identitySecrets: _before, ...others } = credentials;
  if (secret === null) return others;
  const before = keepsPrevious ? listIdentitySecrets(credentials).filter((one) => one !== secret) : [];
  return { ...others, identitySecrets: JSON.stringify([secret, ...before].slice(0, secretsMax)) };
}

/**
 * Whether anything is there to check a JWT with.
 * SECURITY: identity cannot be switched on without it, so no claim is ever believed unchecked.
 */
export function hasKeyMaterial(identity: WebIdentity, credentials: ChannelCredentials): boolean {
  const { jwksUrl, publicKeysPem } = identity;
  return jwksUrl !== undefined || publicKeysPem.length > 0 || listIdentitySecrets(credentials).length > 0;
}
