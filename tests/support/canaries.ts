// Secrets planted in the world, and the places where none of them may come out: answers, log lines, and every value the
// product tells the database (audit entries, letters, queued work among them, kept or not).

import { Socket } from "node:net";
import { createRecoveryCodes, toRecoveryCodeHash } from "../../server/src/domains/identity/factors/recovery-codes.ts";
import { toDataKeyPlace, toOrganisationKeyPlace } from "../../server/src/domains/keys/create-keys.ts";
import { drawSecret, keepSecret, type SecretPurpose } from "../../server/src/domains/secrets/index.ts";
import { type Tenant, toUuid } from "../../server/src/kernel/ids.ts";
import { openEnvelope } from "../../server/src/platform/crypto/envelope.ts";
import { toCryptoKey } from "../../server/src/platform/crypto/hmac.ts";
import { drawBytes } from "../../server/src/platform/crypto/random.ts";
import { sampleIdentitySecret, signIdentity } from "./chat-world.ts";
import { sampleLinks, samplePassword } from "./sample.ts";
import type { World } from "./security-world.ts";

export interface Canary {
  readonly kind: string;
  readonly value: string | Buffer;
}

/** A secret as it could be written: in clear, hex, base64. */
export interface Needle {
  readonly kind: string;
  readonly texts: readonly string[];
}

const trim = (base64: string): string => base64.replace(/=+$/, "").slice(0, -1);

/** The spellings of a secret. Bytes are also looked for as they are, and a text that is base64 or hex for what it stands for. */
export function toNeedle({ kind, value }: Canary): Needle {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const clear = bytes.toString("latin1");
  const hex = bytes.toString("hex");
  const texts = [clear, hex, hex.toUpperCase(), trim(bytes.toString("base64")), trim(bytes.toString("base64url"))];
  return { kind, texts: [...new Set(texts)] };
}

/** Which of the secrets stand in a text. */
export function findCanaries(text: string, needles: readonly Needle[]): string[] {
  return needles.filter(({ texts }) => texts.some((one) => text.includes(one))).map(({ kind }) => kind);
}

export interface Tap {
  /** All that was said since the last time. */
  take(): string;
  close(): void;
}

/**
 * Listens to every byte that leaves this process by a socket: every statement to the database with its values, however the
 * product sends it. The connection is a local one and in clear.
 */
export function tapSockets(): Tap {
  let heard: string[] = [];
  const { write } = Socket.prototype;
  Socket.prototype.write = function listen(this: Socket, ...args: unknown[]): boolean {
    const [chunk] = args;
    heard.push(typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString("latin1"));
    return Reflect.apply(write, this, args) as boolean;
  };
  return {
    take: () => {
      const all = heard.join("\n");
      heard = [];
      return all;
    },
    close: () => {
      Socket.prototype.write = write;
    },
  };
}

async function readDataKeys(world: World, tenant: Tenant): Promise<Canary[]> {
  const { provider, db } = world.stage;
  const rows = await db.asAdmin<Record<"key_id" | "purpose" | "outer_id" | "provider_key", string> & WrappedPair>(
    `select d.key_id, d.purpose, d.wrapped, o.key_id as outer_id, o.provider_key, o.wrapped as outer_wrapped
     from data_keys d join organisation_keys o on o.key_id = d.organisation_key_id where d.app_id = $1`,
    [toUuid(tenant.appId)],
  );
  const bare = (uuid: string): string => uuid.replaceAll("-", "");
  const keys: Canary[] = [];
  for (const row of rows) {
    const outerPlace = toOrganisationKeyPlace(toUuid(tenant.organisationId), bare(row.outer_id));
    const outer = await provider.unwrap(row.provider_key, row.outer_wrapped, outerPlace);
    const place = toDataKeyPlace({ tenant } as never, bare(row.key_id), row.purpose as "content");
    keys.push({ kind: "organisation key", value: Buffer.from(outer) });
    const inner = openEnvelope(toCryptoKey(Buffer.from(outer)), place, row.wrapped);
    keys.push({ kind: `data key for ${row.purpose}`, value: inner });
  }
  return keys;
}

interface WrappedPair {
  readonly wrapped: Buffer;
  readonly outer_wrapped: Buffer;
}

async function plantFactors(world: World): Promise<Canary[]> {
  const { userId } = world.getCaller("owner");
  const row = toUuid(userId);
  const { db, installation, pepper } = world.stage;
  const sealer = await installation.sealer();
  const secret = drawBytes(20);
  const sealed = sealer.seal({ table: "totp_factors", column: "secret", row }, secret);
  await db.asAdmin("insert into totp_factors (user_id, secret, confirmed_at) values ($1, $2, now())", [row, sealed]);
  const [code = ""] = createRecoveryCodes().reveal();
  const hash = toRecoveryCodeHash(code, userId, pepper);
  await db.asAdmin("insert into recovery_codes (user_id, hash) values ($1, $2)", [row, hash]);
  const passwordHash = `$argon2id$v=19$m=65536,t=3,p=1$${drawBytes(16).toString("base64")}$${drawBytes(32).toString("base64")}`;
  await db.asAdmin("update users set password = $2 where user_id = $1", [row, passwordHash]);
  return [
    { kind: "TOTP secret", value: secret },
    { kind: "recovery code", value: code },
    { kind: "password hash", value: passwordHash },
    { kind: "password", value: samplePassword },
    { kind: "link to reset a password", value: sampleLinks.reset.reveal() },
    { kind: "link to confirm an address", value: sampleLinks.email.reveal() },
  ];
}

async function plantLinks(world: World): Promise<Canary[]> {
  const { userId } = world.getCaller("owner");
  const { organisationId } = world.places.a1.tenant;
  const sealer = await world.stage.installation.sealer();
  const purposes: SecretPurpose[] = ["reset", "invitation", "email", "transfer", "sign_in", "challenge"];
  const planted: Canary[] = [];
  for (const purpose of purposes) {
    const secret = drawSecret();
    await keepSecret(world.stage.db.database, secret, { purpose, sealer, userId, organisationId, payload: "{}" });
    planted.push({ kind: `${purpose} secret`, value: secret.reveal() });
  }
  return planted;
}

/** What websites sign for their visitors: whole, and the signature alone. */
function listIdentities({ places }: World): Canary[] {
  return Object.entries(places).flatMap(([name, { objects }]): Canary[] => {
    const jwt = signIdentity(objects.webChannelId);
    return [
      { kind: `identity token for ${name}`, value: jwt },
      { kind: `signature of an identity for ${name}`, value: jwt.slice(jwt.lastIndexOf(".") + 1) },
    ];
  });
}

/** Plants a secret of each kind, and lists those that the world holds already. */
export async function plantCanaries(
  world: World,
  visitorTokens: ReadonlyMap<string, string> = new Map(),
): Promise<Needle[]> {
  const { pepper, masterKey } = world.stage;
  const ofCallers = world.callers.flatMap(({ name, sessions, tokens }): Canary[] => [
    { kind: `session token of ${name}`, value: sessions.fresh.token },
    { kind: `stale session token of ${name}`, value: sessions.stale.token },
    { kind: `CSRF token of ${name}`, value: sessions.fresh.csrf },
    { kind: `API token of ${name}`, value: tokens.api },
    { kind: `bot token of ${name}`, value: tokens.bot },
  ]);
  const ofPlaces = Object.entries(world.places).flatMap(([name, { secrets }]): Canary[] => [
    { kind: `channel secret of ${name}`, value: secrets.channelSecret },
    { kind: `webhook secret of ${name}`, value: secrets.webhookSecret },
    { kind: `platform credential of ${name}`, value: secrets.platformCredential },
    ...secrets.appTokens.map((value) => ({ kind: `token of ${name}`, value })),
  ]);
  const keys = (await Promise.all(Object.values(world.places).map(({ tenant }) => readDataKeys(world, tenant)))).flat();
  const canaries: Canary[] = [
    ...ofCallers,
    ...ofPlaces,
    ...keys,
    ...(await plantFactors(world)),
    ...(await plantLinks(world)),
    { kind: "pepper", value: pepper.reveal() },
    { kind: "master key", value: masterKey.reveal() },
    { kind: "SMTP password", value: world.smtpPassword },
    { kind: "identity secret of a website", value: sampleIdentitySecret },
    ...[...visitorTokens].map(([name, value]): Canary => ({ kind: `visitor token of ${name}`, value })),
    ...listIdentities(world),
  ];
  return canaries.map(toNeedle);
}
