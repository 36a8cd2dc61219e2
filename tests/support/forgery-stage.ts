// A site to attack and pages that attack it: the composed product on a real port with layers of its protection taken away,
// which the product itself has no switch for, and an attacker's page on other ports and other hosts.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { type CookiePolicy, type ForgeryLayers, rateTable } from "../../server/src/api/index.ts";
import { compose, type Product } from "../../server/src/compose.ts";
import { readConfig } from "../../server/src/config.ts";
import { PasswordHasher } from "../../server/src/domains/identity/index.ts";
import { createPeopleStage, type PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { systemClock } from "../../server/src/kernel/clock.ts";
import { type ChannelId, type Tenant, toUuid, type UserId } from "../../server/src/kernel/ids.ts";
import { chromiumArgs, chromiumPath } from "../../server/src/pages/testing/chromium.ts";
import { createLog } from "../../server/src/platform/log/log.ts";
import { createOutboundClient } from "../../server/src/platform/outbound/index.ts";
import { makeWebChannel } from "./chat-world.ts";
import { type Owner, owner } from "./people-browser.ts";
import { findPort } from "./server.ts";
import {
  findTraffic,
  makeAppObjects,
  makeOrganisationObjects,
  makePasskey,
  type Objects,
  toAbsentAll,
} from "./world-objects.ts";

/** The site's host. Browsers take every name under `localhost` for this machine (RFC 6761 6.3). */
const siteHost = "app.parley.localhost";
const certificates = join(import.meta.dirname, "../../server/src/platform/outbound/test-certificates");
const [certificate, key] = [join(certificates, "server.cert.pem"), join(certificates, "server.key.pem")];

export interface Defence {
  readonly name: string;
  readonly layers: ForgeryLayers;
  readonly cookies: CookiePolicy;
}

export interface Site {
  readonly origin: string;
  readonly product: Product;
  stop(): Promise<void>;
}

export interface ForgeryStage {
  readonly victim: Owner;
  serve(defence: Defence): Promise<Site>;
  /** What there is to name for the victim, who has just signed in and has another session and a passkey. */
  prepare(): Promise<Objects>;
  /** Before a sign-in: without a factor the password is enough. */
  forgetPasskeys(): Promise<void>;
  /** Every table's content, but for when sessions were last seen and what a refusal itself leaves. */
  fingerprint(): Promise<Readonly<Record<string, string>>>;
  query: PeopleStage["db"]["asAdmin"];
  close(): Promise<void>;
}

function composeOn(stage: PeopleStage, dataDir: string, at: { port: string; defence: Defence; works?: boolean }) {
  const { provider, pepper, keychain, installation, db } = stage;
  const { layers: forgeryLayers, cookies: cookiePolicy } = at.defence;
  const config = readConfig({
    PARLEY_DATA_DIR: dataDir,
    PARLEY_PORT: at.port,
    PARLEY_PUBLIC_URL: `https://${siteHost}:${at.port}`,
    PARLEY_TLS_CERT: certificate,
    PARLEY_TLS_KEY: key,
  });
  const opened = {
    ...{ database: db.database, connection: db.connection, isEmbedded: false },
    revive: async () => undefined,
    close: async () => undefined,
  };
  const core = {
    ...{ config, log: createLog({ level: "silent" }), clock: systemClock, opened, database: db.database, provider },
    ...{ pepper, keychain, installation, close: async () => undefined },
  };
  return compose(core, { works: at.works === true, forgeryLayers, cookiePolicy });
}

/** A message that leaves a conversation, a trace and a delivery behind. */
async function makeTraffic(product: Product, stage: PeopleStage, place: { tenant: Tenant; channelId: string }) {
  const { tenant, channelId } = place;
  await product.start();
  const message = { kind: "message", externalId: "visitor", sentAtMs: 1, type: "text", text: "order 1" } as const;
  const events = [{ ...message, platformMessageId: "m-1" }];
  await product.pipeline.accept({ tenant, channelId: channelId as ChannelId, events, correlationId: "stage" });
  for (let tries = 0; tries < 400; tries += 1) {
    const found = await findTraffic(stage, tenant);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the message left no trace");
}

async function addVictim(stage: PeopleStage, tenant: Tenant): Promise<UserId> {
  const userId = await stage.addUser(owner.email);
  await stage.grant(tenant.organisationId, userId, { role: "owner" });
  const hasher = new PasswordHasher({ pepper: stage.pepper, log: createLog({ level: "silent" }) });
  const hash = await hasher.hash(owner.password);
  await stage.db.asAdmin("update users set password = $2, password_set_at = now() where user_id = $1", [
    toUuid(userId),
    hash,
  ]);
  return userId;
}

/** What a refusal may leave behind: that it was one, and the challenge in the sign-in page that it leads to. */
const leftOut: Readonly<Record<string, string>> = {
  audit_entries: "action = 'access.denied'",
  one_time_secrets: "purpose = 'challenge' and about_user_id is null",
};

async function readFingerprint({ db }: PeopleStage): Promise<Record<string, string>> {
  const tables = await db.asAdmin<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace
     and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  const each = tables.map(({ name }) => {
    const rest = leftOut[name] === undefined ? "" : `where not (${leftOut[name]})`;
    return `select '${name}' as name, coalesce(md5(string_agg(row, '' order by row)), '') as mark
      from (select md5((to_jsonb(t) - 'seen_at')::text) as row from ${name} t ${rest}) rows`;
  });
  const rows = await db.asAdmin<{ name: string; mark: string }>(each.join(" union all "));
  return Object.fromEntries(rows.map(({ name, mark }) => [name, mark]));
}

const everything = { fetchMetadata: true, token: true };

/** Sets the stage. */
export async function createForgeryStage(): Promise<ForgeryStage> {
  const many = { perCaller: 1e6, perTenant: 1e6, seconds: 60 };
  Object.assign(rateTable, { read: many, write: many, send: many, failures: { perNetwork: 1e6, seconds: 60 } });
  const stage = await createPeopleStage();
  const dataDir = mkdtempSync(join(tmpdir(), "parley-forgery-"));
  const tenant = await stage.addApp(await stage.addOrganisation("Northwind"), "Shop");
  const outbound = createOutboundClient({ allow: [], clock: systemClock });
  const made = { ...(await makeAppObjects(stage, tenant)), ...(await makeWebChannel(stage, tenant, outbound)) };
  await outbound.close();
  const defence: Defence = { name: "", layers: everything, cookies: { sameSite: "Strict" } };
  const worker = await composeOn(stage, dataDir, { port: "0", defence, works: true });
  const traffic = await makeTraffic(worker, stage, { tenant, channelId: made.channelId });
  await worker.stop();
  const others = await makeOrganisationObjects(stage, tenant);
  const victimId = await addVictim(stage, tenant);
  return {
    victim: owner,
    query: stage.db.asAdmin,
    fingerprint: () => readFingerprint(stage),
    forgetPasskeys: async () => void (await stage.db.asAdmin("delete from passkeys")),
    prepare: async () => {
      const passkeyId = await makePasskey(stage, victimId);
      const { sessionId } = await stage.signIn(victimId);
      // What rests on a visitor's token rests on nothing that a browser sends by itself.
      const ofVisitors = toAbsentAll("visitorConversationId", "messageId", "visitorFileId");
      return { ...tenant, ...made, ...traffic, ...others, ...ofVisitors, passkeyId, sessionId };
    },
    serve: async (wanted) => {
      const port = await findPort();
      const product = await composeOn(stage, dataDir, { port: String(port), defence: wanted });
      await product.server.listen({ host: "127.0.0.1", port });
      return { origin: `https://${siteHost}:${port}`, product, stop: () => product.stop() };
    },
    close: async () => {
      await stage.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface Attacker {
  /** The attacker's page, by how browsers relate it to the site. */
  readonly pages: Readonly<Record<"another site" | "a sibling host" | "another port of the host", string>>;
  close(): Promise<void>;
}

/** Serves the attacker's page. */
export async function startAttacker(): Promise<Attacker> {
  const script = readFileSync(join(import.meta.dirname, "forger.js"));
  // Of the same scheme as the site: what comes in clear text is of another site whatever its host is called.
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    const isScript = request.url === "/forger.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><title>Prizes</title><script src="/forger.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    pages: {
      "another site": `https://127.0.0.1:${port}/`,
      "a sibling host": `https://prizes.parley.localhost:${port}/`,
      "another port of the host": `https://${siteHost}:${port}/`,
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A browser that sends cookies to other sites wherever a cookie lets it, as all did for long. */
export async function startTrustingBrowser(): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), "parley-profile-"));
  mkdirSync(join(profile, "Default"));
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath ?? "",
    ignoreHTTPSErrors: true,
    args: chromiumArgs,
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
