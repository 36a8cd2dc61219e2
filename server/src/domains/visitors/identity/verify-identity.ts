// Who a visitor is, on the word of the website's own server: a token it signed for this channel (RFC 7519). Everything that
// counts is inside the signature; the algorithm is the configured key's; a token counts once.

import { compactVerify } from "jose";
import { AppError } from "../../../kernel/errors.ts";
import type { ChannelId, Tenant } from "../../../kernel/ids.ts";
import type { Database } from "../../../platform/db/index.ts";
import type { Logger } from "../../../platform/log/log.ts";
import type { Keychain } from "../../keys/index.ts";
import type { KeySets } from "./key-sets.ts";
import { type IdentityKey, readPublicKeys, readSecrets } from "./keys.ts";
import { useNonce } from "./nonce-store.ts";
import { readClaims, type VerifiedIdentity } from "./read-claims.ts";
import { readHeader, type TokenHeader } from "./read-header.ts";
import { refuseIdentity } from "./refuse.ts";

/** What of a channel decides about identities. */
export interface IdentityChannel {
  readonly tenant: Tenant;
  readonly channelId: ChannelId;
  /** `identitySecrets`: a JSON array of the secrets shared with the website's server. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly web?: { readonly identity?: IdentitySettings | undefined } | undefined;
}

export interface IdentitySettings {
  readonly mode: "off" | "optional" | "required";
  readonly jwksUrl?: string | undefined;
  /** One or several public keys in PEM. */
  readonly publicKeysPem?: string | readonly string[] | undefined;
}

export interface IdentityClaim {
  readonly channel: IdentityChannel;
  readonly jwt: string;
  /** What the beginning of the chat gave. A token that names a nonce must name this one. */
  readonly nonce?: string | undefined;
  readonly nowMs: number;
}

export interface IdentityDeps {
  readonly database: Pick<Database, "withTenant">;
  readonly keychain: Pick<Keychain, "sealerFor">;
  readonly keySets: Pick<KeySets, "find">;
  readonly log: Pick<Logger, "warn">;
}

/** What was signed, with one of these keys; undefined when it was with none. */
async function open(jwt: string, header: TokenHeader, keys: readonly IdentityKey[]): Promise<Uint8Array | undefined> {
  for (const { algorithms, key } of keys) {
    // SECURITY: a key verifies its own algorithm only, whatever the header says (CVE-2016-10555).
    if (!algorithms.includes(header.algorithm)) continue;
    const opened = await compactVerify(jwt, key, { algorithms: [...algorithms] }).catch(() => undefined);
    if (opened !== undefined) return opened.payload;
  }
  return undefined;
}

async function verify(deps: Pick<IdentityDeps, "keySets">, claim: IdentityClaim): Promise<VerifiedIdentity> {
  const { channel, jwt, nonce, nowMs } = claim;
  const { channelId } = channel;
  const settings = channel.web?.identity;
  if (settings === undefined || settings.mode === "off") throw refuseIdentity("the channel takes no identities");
  const header = readHeader(jwt);
  const { algorithm, kid } = header;
  const secrets = readSecrets(channel.credentials["identitySecrets"]);
  const own = [...(await readPublicKeys(settings.publicKeysPem ?? [])), ...secrets];
  const payload = await open(jwt, header, own);
  if (payload !== undefined) return readClaims(payload, { channelId, nonce, nowMs });
  const url = settings.jwksUrl;
  const published = url === undefined ? [] : await deps.keySets.find({ channelId, url, algorithm, kid, nowMs });
  const opened = await open(jwt, header, published);
  if (opened === undefined) throw refuseIdentity("no key of this channel verifies it");
  return readClaims(opened, { channelId, nonce, nowMs });
}

/**
 * Reads and uses up a token. Throws `visitors.identity_expired`, or `visitors.identity_refused` for anything else that is
 * wrong with it; the reason is in the log. May wait three seconds for the website's keys, so call it outside a transaction.
 * SECURITY: of parallel uses of one token exactly one is answered.
 */
export async function verifyIdentity(deps: IdentityDeps, claim: IdentityClaim): Promise<VerifiedIdentity> {
  const { tenant, channelId } = claim.channel;
  try {
    const identity = await verify(deps, claim);
    const actor = { kind: "channel", channelId } as const;
    const sealer = await deps.keychain.sealerFor(tenant, { actor, reason: "visitor" });
    const index = sealer.blindIndex("visitor_nonces", "nonce", `identity ${channelId} ${identity.jti}`);
    const nonce = { channelId, index, expiresAtMs: identity.expiresAtMs };
    const isFirst = await deps.database.withTenant(actor, tenant, (tx) => useNonce(tx, nonce));
    if (!isFirst) throw refuseIdentity("it was used before");
    return identity;
  } catch (error) {
    if (error instanceof AppError && error.status < 500) {
      deps.log.warn({ channelId, reason: error.message }, "a visitor's identity was refused");
    }
    throw error;
  }
}
