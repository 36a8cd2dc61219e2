// Starts the product for the benchmark, in its own process, and can leave one protection out to show what it costs. Only
// here can that be done: no setting and no flag of the product switches a protection off.

import { parseArgs } from "node:util";
import pg from "pg";
import tree from "../../engine/examples/order-status.json" with { type: "json" };
import { compose } from "../../server/src/compose.ts";
import { readConfig } from "../../server/src/config.ts";
import { type Core, openCore } from "../../server/src/core.ts";
import { importTree, publishTree } from "../../server/src/domains/bots/index.ts";
import { assignTrees, createChannel } from "../../server/src/domains/channels/index.ts";
import type { Keychain, Sealer } from "../../server/src/domains/keys/index.ts";
import { createApp, createOrganisation } from "../../server/src/domains/organisations/index.ts";
import { createEndpoint } from "../../server/src/domains/webhooks/index.ts";
import type { Tenant } from "../../server/src/kernel/ids.ts";
import { embeddedDatabase, embeddedRoles } from "../../server/src/platform/db/embedded/index.ts";
import { Database } from "../../server/src/platform/db/index.ts";
import { createLog } from "../../server/src/platform/log/log.ts";
import { parseAllowList } from "../../server/src/platform/outbound/index.ts";

const actor = { kind: "operator", command: "bench" } as const;
const bypassRole = "parley_bench_bypass";

const { values } = parseArgs({
  options: {
    apps: { type: "string", default: "1" },
    "platform-url": { type: "string", default: "http://127.0.0.1:1" },
    "webhook-url": { type: "string" },
    "data-dir": { type: "string", default: "./data" },
    without: { type: "string", multiple: true, default: [] },
  },
});

const without = new Set(values.without);

/** A sealer that seals nothing. Look-ups keep their blind indexes, so that the work is otherwise the same. */
function toPlain(keychain: Keychain): Keychain {
  const sealerFor: Keychain["sealerFor"] = async (tenant, because) => {
    const real = await keychain.sealerFor(tenant, because);
    const plain: Sealer = {
      seal: (_field, plaintext) => Buffer.from(plaintext as string),
      sealCredential: (field, plaintext) => real.sealCredential(field, plaintext),
      open: (field, envelope) =>
        field.table === "channels" || field.table === "webhook_endpoints" ? real.open(field, envelope) : envelope,
      blindIndex: (table, column, value) => real.blindIndex(table, column, value),
    };
    return plain;
  };
  return { sealerFor, close: () => keychain.close() } as Keychain;
}

/** A role like the runtime role, but past row-level security. */
async function makeBypassRole(core: Core): Promise<void> {
  const admin = new pg.Client({ ...core.opened.connection, user: embeddedRoles.admin, database: embeddedDatabase });
  await admin.connect();
  const { rows } = await admin.query("select 1 from pg_roles where rolname = $1", [bypassRole]);
  if (rows.length === 0) await admin.query(`create role ${bypassRole} nologin bypassrls`);
  await admin.query(`grant parley_runtime to ${bypassRole} with inherit true`);
  await admin.query(`grant ${bypassRole} to ${embeddedRoles.service} with inherit false, set true`);
  await admin.end();
}

async function openBenchCore(): Promise<Core> {
  const platform = new URL(values["platform-url"]);
  const webhook = values["webhook-url"] === undefined ? platform : new URL(values["webhook-url"]);
  const config = readConfig({
    PARLEY_DATA_DIR: values["data-dir"],
    PARLEY_PORT: "0",
    PARLEY_LOG_LEVEL: "warn",
    PARLEY_OUTBOUND_ALLOW: [...new Set([platform.host, webhook.host])].join(","),
    PARLEY_WHATSAPP_API_URL: values["platform-url"],
  });
  parseAllowList(platform.host);
  const core = await openCore(config, createLog({ level: "warn" }));
  const keychain = without.has("encryption") ? toPlain(core.keychain) : core.keychain;
  if (!without.has("rls")) return { ...core, keychain };
  await makeBypassRole(core);
  const database = new Database({
    connection: core.opened.connection,
    connectionsMax: config.PARLEY_DATABASE_CONNECTIONS,
    role: bypassRole,
    onError: () => undefined,
  });
  return { ...core, keychain, database };
}

async function addApp(core: Core, outbound: Parameters<typeof createEndpoint>[2]["outbound"], tenant: Tenant) {
  const sealer = await core.keychain.sealerFor(tenant, { actor, reason: "bench" });
  return core.database.withTenant(actor, tenant, async (tx) => {
    // WhatsApp calls it by digits only; an app id is hexadecimal.
    const phoneNumberId = String(15_550_000_000 + Number.parseInt(tenant.appId.slice(-8), 16));
    const credentials = {
      appSecret: "bench-app-secret-0123456789",
      verifyToken: "bench-verify",
      accessToken: "bench-token",
    };
    const input = { kind: "whatsapp", name: "Bench", settings: { phoneNumberId }, credentials };
    const { channelId, channelSecret } = await createChannel(tx, input, sealer);
    const treeId = await importTree(tx, tree);
    await publishTree(tx, treeId, "bench");
    await assignTrees(tx, channelId, { defaultTreeIds: [treeId] });
    const url = values["webhook-url"];
    const events = ["inbound", "outbound", "status"] as const;
    if (url !== undefined) await createEndpoint(tx, { channelId, url, events, headers: {} }, { sealer, outbound });
    return { appId: tenant.appId, channelId, phoneNumberId, appSecret: credentials.appSecret, channelSecret };
  });
}

const core = await openBenchCore();
const product = await compose(core, { works: true, keepsTraces: !without.has("trace") });
const organisationId = await createOrganisation(core.database, actor, "Bench");
const made = [];
for (let index = 0; index < Number(values.apps); index += 1) {
  const tenant = await createApp({ database: core.database, provider: core.provider, actor }, organisationId, "Bench");
  made.push(await addApp(core, product.outbound, tenant));
}
const served = await product.start({ host: "127.0.0.1", port: 0 });
const baseUrl = `http://127.0.0.1:${served?.port}`;
const apps = made.map((app) => ({ ...app, inboundUrl: `${baseUrl}/channels/${app.channelId}/inbound` }));
process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, baseUrl, apps })}\n`);

async function stop(): Promise<void> {
  await product.stop();
  // The harness owns the database; only what this process opened is closed.
  await core.database.close();
  process.exit(0);
}

process.once("SIGTERM", () => void stop());
