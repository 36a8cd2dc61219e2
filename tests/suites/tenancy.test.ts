// Tenants never meet. Two barriers stand between them, the query layer's own filter and row-level security, and each holds
// with the other taken away.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { getTree } from "../../server/src/domains/bots/index.ts";
import { listChannels } from "../../server/src/domains/channels/index.ts";
import { listTraces } from "../../server/src/domains/conversations/history-store.ts";
import { findItem, listItems, storeClaim, storeLeaving } from "../../server/src/domains/conversations/inbox-store.ts";
import { findMessage, listMessages, listMessagesSince } from "../../server/src/domains/conversations/message-store.ts";
import { findMember, loadEvents } from "../../server/src/domains/conversations/process-store.ts";
import { createScene, type Scene, type SceneApp } from "../../server/src/domains/conversations/testing/scene.ts";
import {
  deleteFiles,
  findStoredFile,
  hasChannel,
  holdExpired,
  insertChunk,
  insertFile,
  listStoredFiles,
  markAttached,
  readChunk,
} from "../../server/src/domains/files/store.ts";
import { purgeNonces, useNonce } from "../../server/src/domains/visitors/identity/nonce-store.ts";
import { insertPreview, listPreviewRows } from "../../server/src/domains/visitors/previews/preview-store.ts";
import {
  endVisitor,
  findVisitor,
  insertVisitor,
  purgeVisitors,
  raiseGeneration,
  seeVisitor,
} from "../../server/src/domains/visitors/store.ts";
import { fromUuid, type Tenant, toUuid } from "../../server/src/kernel/ids.ts";
import { drawBytes, drawFraction, newId } from "../../server/src/platform/crypto/random.ts";
import { embeddedRoles } from "../../server/src/platform/db/embedded/index.ts";
import { appStatement, assertSafeDatabase, type TenantTx } from "../../server/src/platform/db/index.ts";
import { sized } from "../support/size.ts";

const actor = { kind: "system", job: "tenancy suite" } as const;
const filtered = appStatement<{ app_id: string }>(
  "test.members_filtered",
  "select app_id from members where organisation_id = $1 and app_id = $2",
);
// The query layer's filter broken on purpose: only row-level security is left.
const unfiltered = appStatement<{ app_id: string }>(
  "test.members_unfiltered",
  "select app_id from members where $1::uuid is not null and $2::uuid is not null and (organisation_id, app_id) is not null",
);
const failing = appStatement<never>(
  "test.failing",
  "select 1 / 0 from apps where organisation_id = $1 and app_id = $2",
);

const unfilteredFiles = appStatement<{ file_id: string }>(
  "test.files_unfiltered",
  "select file_id from files where $1::uuid is not null and $2::uuid is not null and (organisation_id, app_id) is not null",
);

let scene: Scene;
let apps: SceneApp[];

beforeAll(async () => {
  scene = await createScene();
  apps = await Promise.all(Array.from({ length: 50 }, () => scene.addApp()));
  const pipeline = await scene.startPipeline();
  for (const [index, app] of apps.entries()) {
    const message = {
      kind: "message",
      externalId: "same",
      sentAtMs: 1,
      type: "text",
      text: "order 1",
      platformMessageId: `t-${index}`,
    } as const;
    await pipeline.accept({
      tenant: app.tenant,
      channelId: app.channelId,
      events: [message],
      correlationId: `t-${index}`,
    });
  }
  const countAll = () => scene.db.asAdmin("select count(*)::integer from receipts");
  await vi.waitFor(async () => expect(await countAll()).toEqual([{ count: 50 }]), { timeout: 60_000 });
}, 120_000);

afterAll(() => scene.close());

/** One transaction of a random app: reads with and without the filter, and may break in one of three ways. */
async function runOne(database: Scene["db"]["database"], tenant: Tenant): Promise<string[]> {
  const seen: string[] = [];
  const fate = drawFraction();
  const look = async (tx: TenantTx): Promise<void> => {
    const [own, all] = await Promise.all([tx.query(filtered), tx.query(unfiltered)]);
    seen.push(...own.map((row) => row.app_id), ...all.map((row) => row.app_id));
  };
  await database
    .withTenant(actor, tenant, async (tx) => {
      await look(tx);
      if (fate < 0.1) throw new RangeError("abort");
      if (fate < 0.2) await tx.query(failing);
      // A failure that nobody waits for: the commit must not pretend.
      if (fate < 0.25) tx.query(failing).catch(() => undefined);
      await look(tx);
    })
    .catch(() => undefined);
  return seen;
}

/** Does something while the query layer is the only barrier left. */
async function withoutRowSecurity(work: () => Promise<void>): Promise<void> {
  const tables = await scene.db.asAdmin<{ name: string }>(
    "select relname as name from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace",
  );
  for (const { name } of tables) await scene.db.asAdmin(`alter table ${name} disable row level security`);
  try {
    await work();
  } finally {
    for (const { name } of tables) await scene.db.asAdmin(`alter table ${name} enable row level security`);
  }
}

/** A visitor of an app with an expired upload, a preview and a nonce. */
async function makeVisitorRows({ tenant, channelId }: SceneApp) {
  const [fileId, visitorId] = [newId("file"), newId("visitor")];
  const [row] = await scene.db.asAdmin<{ message_id: string }>("select message_id from messages where app_id = $1", [
    toUuid(tenant.appId),
  ]);
  const messageId = fromUuid("message", row?.message_id ?? "");
  const [memberKey, nonce, rotationKey] = [drawBytes(16), drawBytes(16), drawBytes(32)];
  const sealed = Buffer.from("sealed");
  await scene.db.database.withTenant(actor, tenant, async (tx) => {
    const who = { externalId: sealed, externalKey: memberKey, isVerified: false, identity: undefined };
    await insertVisitor(tx, { visitorId, channelId, site: "https://shop.example", ...who });
    const owner = { channelId, visitorId, memberKey };
    const file = { fileId, purpose: "upload", kind: "file", bytes: 5, description: sealed, owner } as const;
    await insertFile(tx, { ...file, keptDays: 1 });
    await insertChunk(tx, fileId, 0, Buffer.from("chunk"));
    await insertPreview(tx, messageId, sealed);
    await useNonce(tx, { channelId, index: nonce, expiresAtMs: 1_000 });
  });
  await scene.db.asAdmin("update files set expires_at = now() where file_id = $1", [toUuid(fileId)]);
  await scene.db.asAdmin("update visitors set is_taken = false where visitor_id = $1", [toUuid(visitorId)]);
  return { fileId, visitorId, messageId, channelId, memberKey, nonce, rotationKey };
}

const ofVisitors = ["file_chunks", "files", "link_previews", "visitor_nonces", "visitors"];

describe("tenancy", () => {
  const count = sized(10_000, 1_000);

  it(`SECURITY: ${count} interleaved transactions of 50 apps over 2 connections with aborts see no foreign row`, async () => {
    const database = scene.db.open({ connectionsMax: 2 });
    const foreign: string[] = [];
    let rows = 0;
    const runNext = async (): Promise<void> => {
      const app = apps[Math.floor(drawFraction() * apps.length)] as SceneApp;
      const seen = await runOne(database, app.tenant);
      rows += seen.length;
      foreign.push(...seen.filter((appId) => fromUuid("app", appId) !== app.tenant.appId));
    };
    for (let done = 0; done < count; done += 20) await Promise.all(Array.from({ length: 20 }, runNext));
    expect(foreign).toEqual([]);
    expect(rows).toBeGreaterThan(count * 2);
  }, 300_000);

  it("SECURITY: one batch that enters every app in turn sees each app's rows under that app only", async () => {
    await scene.db.database.withBatch(actor, async (batch) => {
      const looks = apps.map(async ({ tenant }) => {
        const rows = await batch.enter(tenant).query(unfiltered);
        expect(rows.map((row) => fromUuid("app", row.app_id))).toEqual([tenant.appId]);
      });
      await Promise.all(looks);
    });
  });

  it("SECURITY: a transaction without a tenant, or with the login role alone, sees nothing", async () => {
    const client = new pg.Client(scene.db.connection);
    await client.connect();
    await expect(client.query("select * from members")).rejects.toThrow("permission denied");
    await client.query("begin");
    await client.query("set local role parley_runtime");
    expect((await client.query("select * from members")).rows).toEqual([]);
    await client.query("rollback");
    await client.end();
  });

  it("SECURITY: with row-level security taken away, the query layer alone still keeps apps apart", async () => {
    const [own, other] = [apps[0], apps[1]] as [SceneApp, SceneApp];
    await withoutRowSecurity(async () => {
      const [target] = await scene.db.asAdmin<{ member_id: string; conversation_id: string }>(
        "select member_id, conversation_id from conversations where app_id = $1",
        [toUuid(other.tenant.appId)],
      );
      const conversationId = fromUuid("conversation", target?.conversation_id ?? "");
      const memberId = fromUuid("member", target?.member_id ?? "");
      await scene.db.database.withTenant(actor, own.tenant, async (tx) => {
        // The barrier is really gone: an unfiltered statement now sees every app.
        expect(new Set((await tx.query(unfiltered)).map((row) => row.app_id)).size).toBe(50);
        expect((await listChannels(tx)).map((channel) => channel.channelId)).toEqual([own.channelId]);
        expect(await listMessages(tx, conversationId, { first: 100 })).toEqual([]);
        expect(await findMember(tx, other.channelId, { memberId })).toBeUndefined();
        const page = { overlapMs: 10_000, first: 100 };
        expect(await listMessagesSince(tx, conversationId, page)).toEqual([]);
        const messageId = newId("message");
        expect(await listMessagesSince(tx, conversationId, { ...page, after: messageId })).toEqual([]);
        expect(await findMessage(tx, conversationId, messageId)).toBeUndefined();
        expect(await findItem(tx, conversationId)).toBeUndefined();
        const assignee = newId("user");
        const change = { conversationId, assignee, state: Buffer.from("x") };
        expect(await storeClaim(tx, { ...change, assigneeName: null })).toBe(false);
        expect(await storeLeaving(tx, { ...change, assignee: undefined, mode: "queued" })).toBe(false);
        expect(await listItems(tx, { first: 100 })).toHaveLength(1);
        expect(await listItems(tx, { first: 100, channelIds: [other.channelId] })).toEqual([]);
        for (const wanted of [{ mode: "live" }, { assigned: assignee }] as const) {
          const claim = { conversationId, assignee, assigneeName: null, state: Buffer.from("x") };
          await scene.db.database.withTenant(actor, other.tenant, (elsewhere) => storeClaim(elsewhere, claim));
          expect(await listItems(tx, { first: 100, ...wanted })).toEqual([]);
        }
        expect((await listTraces(tx, { first: 100 })).length).toBe(1);
        expect(await loadEvents(tx, [target?.member_id ?? ""], 1)).toEqual([]);
        await expect(getTree(tx, other.treeId)).rejects.toMatchObject({ code: "bots.tree_not_found" });
      });
    });
  });

  it("SECURITY: with row-level security taken away, files, visitors and previews of another app are out of reach", async () => {
    const [own, other] = [apps[2], apps[3]] as [SceneApp, SceneApp];
    const elsewhere = await makeVisitorRows(other);
    await withoutRowSecurity(() =>
      scene.db.database.withTenant(actor, own.tenant, async (tx) => {
        const { fileId, visitorId, messageId, channelId, memberKey, rotationKey } = elsewhere;
        // The barrier is really gone.
        expect((await tx.query(unfilteredFiles)).map((row) => fromUuid("file", row.file_id))).toContain(fileId);
        expect(await findStoredFile(tx, fileId)).toBeUndefined();
        expect(await readChunk(tx, fileId, 0)).toBeUndefined();
        expect(await listStoredFiles(tx, { first: 100, withUploads: true })).toEqual([]);
        expect(await listStoredFiles(tx, { first: 100, withUploads: true, channelIds: [channelId] })).toEqual([]);
        expect(await hasChannel(tx, channelId)).toBe(false);
        expect(await markAttached(tx, fileId, { visitorId, channelId, memberKey })).toBe(false);
        expect(await holdExpired(tx, 100)).toEqual([]);
        expect(await deleteFiles(tx, [fileId])).toEqual({ files: 0, bytes: 0 });
        expect(await findVisitor(tx, visitorId)).toBeUndefined();
        expect(await raiseGeneration(tx, visitorId, { from: 0, rotationKey })).toBeUndefined();
        expect(await endVisitor(tx, visitorId, "ended")).toBe(false);
        await seeVisitor(tx, visitorId, 0);
        expect(await purgeVisitors(tx, 0)).toBe(0);
        expect(await listPreviewRows(tx, [messageId])).toEqual([]);
        // Anybody's nonce is new to everybody else.
        expect(await useNonce(tx, { channelId: own.channelId, index: elsewhere.nonce, expiresAtMs: 2 ** 41 })).toBe(
          true,
        );
        await purgeNonces(tx);
      }),
    );
    const left = await scene.db.database.withTenant(actor, other.tenant, async (tx) => ({
      file: await findStoredFile(tx, elsewhere.fileId),
      chunk: await readChunk(tx, elsewhere.fileId, 0),
      visitor: await findVisitor(tx, elsewhere.visitorId),
      previews: await listPreviewRows(tx, [elsewhere.messageId]),
      isNew: await useNonce(tx, { channelId: other.channelId, index: elsewhere.nonce, expiresAtMs: 2 ** 41 }),
    }));
    expect(left).toMatchObject({
      file: { fileId: elsewhere.fileId },
      visitor: { generation: 0, endReason: undefined, isTaken: false },
      isNew: false,
    });
    expect([left.chunk?.toString(), left.previews.length]).toEqual(["chunk", 1]);
  });

  it("SECURITY: a row cannot be written into another app, nor moved there", async () => {
    const insert = appStatement<never>(
      "test.insert_foreign",
      `insert into idempotency_keys (organisation_id, app_id, key_hash, fingerprint)
       select $1, $3, decode(repeat('00', 16), 'hex'), decode(repeat('00', 16), 'hex') where $2::uuid is not null`,
    );
    const move = appStatement<never>(
      "test.move_foreign",
      "update members set app_id = $3 where organisation_id = $1 and app_id = $2",
    );
    const [own, other] = [apps[0], apps[1]] as [SceneApp, SceneApp];
    for (const statement of [insert, move]) {
      const writing = scene.db.database.withTenant(actor, own.tenant, (tx) =>
        tx.query(statement, [toUuid(other.tenant.appId)]),
      );
      await expect(writing).rejects.toMatchObject({ code: "database.misuse" });
    }
  });
});

describe("the schema", () => {
  const tenantTables = `select c.oid, c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
    where a.attname = 'organisation_id' and not a.attisdropped and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace`;

  it("SECURITY CVE-2026-54052: every tenant table has forced row-level security with a policy that checks writes", async () => {
    const tables = await scene.db.asAdmin<{ relname: string }>(tenantTables);
    expect(tables.length).toBeGreaterThan(20);
    expect(tables.map(({ relname }) => relname)).toEqual(expect.arrayContaining(ofVisitors));
    const bad = await scene.db.asAdmin(`select t.relname from (${tenantTables}) t join pg_class c on c.oid = t.oid
      where not c.relrowsecurity or not c.relforcerowsecurity
        or not exists (select from pg_policy p where p.polrelid = t.oid and p.polname = 'tenant'
          and p.polcmd = '*' and p.polqual is not null and p.polwithcheck is not null)`);
    expect(bad).toEqual([]);
  });

  it("SECURITY: organisation_id is never null, and app_id neither where a row belongs to an app", async () => {
    const bad =
      await scene.db.asAdmin(`select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
      where a.attname in ('organisation_id', 'app_id') and not a.attnotnull and c.relkind = 'r'
        and c.relnamespace = 'public'::regnamespace`);
    expect(bad).toEqual([]);
  });

  it("SECURITY: every primary key, unique key and foreign key of a tenant table begins with the tenant", async () => {
    const bad = await scene.db.asAdmin(`select t.relname, k.conname from (${tenantTables}) t
      join pg_constraint k on k.conrelid = t.oid and k.contype in ('p', 'u', 'f')
      where (select a.attname from pg_attribute a where a.attrelid = t.oid and a.attnum = k.conkey[1]) <> 'organisation_id'`);
    expect(bad).toEqual([]);
    const indexes = await scene.db.asAdmin(`select t.relname, i.indexrelid::regclass from (${tenantTables}) t
      join pg_index i on i.indrelid = t.oid and i.indisunique
      where (select a.attname from pg_attribute a where a.attrelid = t.oid and a.attnum = i.indkey[0]) <> 'organisation_id'`);
    expect(indexes).toEqual([]);
  });

  it("SECURITY: the runtime role owns nothing, bypasses nothing, and may not truncate, reference or alter", async () => {
    const roles =
      await scene.db.asAdmin(`select rolname from pg_roles where rolname in ('parley_runtime', 'parley_lookup',
      'parley_jobs', 'parley_service') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`);
    expect(roles).toEqual([]);
    const owned = await scene.db.asAdmin(`select relname from pg_class c join pg_roles r on r.oid = c.relowner
      where r.rolname in ('parley_runtime', 'parley_lookup', 'parley_jobs', 'parley_service')`);
    expect(owned).toEqual([]);
    const rights = await scene.db.asAdmin(`select table_name, privilege_type from information_schema.role_table_grants
      where grantee in ('parley_runtime', 'parley_lookup', 'parley_jobs', 'PUBLIC') and table_schema in ('public', 'pgboss')
        and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')`);
    expect(rights).toEqual([]);
    const client = new pg.Client(scene.db.connection);
    await client.connect();
    for (const sql of [
      "alter table members disable row level security",
      "drop table members",
      "create table own (a int)",
      "set role parley_owner",
      "set role parley_lookup",
    ]) {
      await expect(client.query(`begin; set local role parley_runtime; ${sql}`), sql).rejects.toThrow(
        /must be owner|permission denied/,
      );
      await client.query("rollback");
    }
    await client.end();
  });

  it("SECURITY: what runs with other rights has a fixed search path and belongs to the look-up role, which reads ids only, or to that of jobs", async () => {
    const definers = await scene.db.asAdmin<{ proname: string; owner: string; config: string[] | null }>(
      `select p.proname, r.rolname as owner, p.proconfig as config from pg_proc p join pg_roles r on r.oid = p.proowner
       where p.prosecdef and p.pronamespace = 'public'::regnamespace`,
    );
    expect(definers.length).toBeGreaterThan(4);
    const owners: Readonly<Record<string, string>> = {
      // These delete what was deleted; as the tables' owner they may, and forced row-level security holds them in one tenant.
      parley_purge_app: embeddedRoles.owner,
      parley_purge_organisation: embeddedRoles.owner,
      // Queues a job: it belongs to the role of jobs, which sees no tenant's table.
      parley_enqueue_job: "parley_jobs",
    };
    for (const definer of definers) {
      expect([definer.proname, definer.owner, definer.config]).toEqual([
        definer.proname,
        owners[definer.proname] ?? "parley_lookup",
        ["search_path=public, pg_temp"],
      ]);
    }
    const columns = await scene.db.asAdmin<{ column_name: string }>(
      `select distinct column_name from information_schema.column_privileges where grantee = 'parley_lookup' and privilege_type = 'SELECT'`,
    );
    // Ids, marks, times, counts; and what is ciphertext anyway: wrapped keys, sealed payloads and letters.
    const allowed =
      /^(.*_id|lane|sequence|due_at|state|status|lease_owner|lease_until|hash|email_index|purpose|(used|created|expires|sent|seen|ended|ends)_at|idle_seconds|configuration_revision|delete_after|provider_key|uses|failures|tries|wrapped|payload|content)$/;
    expect(columns.map((column) => column.column_name).filter((name) => !allowed.test(name))).toEqual([]);
  });

  it("SECURITY: outside row-level security stand the jobs alone, which hold ids only and belong to a role that sees nothing else", async () => {
    const schemas = await scene.db.asAdmin<{ nspname: string }>(
      "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1",
    );
    expect(schemas.map(({ nspname }) => nspname)).toEqual(["pgboss", "public"]);
    const rights = await scene.db.asAdmin<{ grantee: string; table: string; rights: string }>(
      `select grantee, table_schema || '.' || table_name as table, string_agg(lower(privilege_type), ', ' order by privilege_type)
         as rights
       from information_schema.role_table_grants
       where (table_schema = 'pgboss' and grantee <> 'parley_owner') or grantee = 'parley_jobs' group by 1, 2 order by 2`,
    );
    const all = "delete, insert, select, update";
    expect(rights).toEqual(
      [
        ["pgboss.instance", "delete, select"],
        ["pgboss.job", all],
        ["pgboss.job_common", all],
        ["pgboss.job_dependency", "delete, select"],
        ["pgboss.queue", "insert, select, update"],
        ["pgboss.schedule", all],
        ["pgboss.version", "select, update"],
      ].map(([table, held]) => ({ grantee: "parley_jobs", table, rights: held })),
    );
    // Rights of single columns, beyond those of the whole table.
    const columns = await scene.db.asAdmin<{ name: string }>(
      `select c.table_name || '.' || c.column_name || ': ' || lower(c.privilege_type) as name
       from information_schema.column_privileges c where c.grantee = 'parley_jobs' and not exists (select from
         information_schema.role_table_grants t where t.grantee = c.grantee and t.table_schema = c.table_schema
         and t.table_name = c.table_name and t.privilege_type = c.privilege_type) order by 1`,
    );
    expect(columns.map(({ name }) => name)).toEqual(["instance.id: update"]);
    const checks = await scene.db.asAdmin<{ name: string }>(
      `select conrelid::regclass || ': ' || conname as name from pg_constraint where contype = 'c' and convalidated
       and connamespace = 'pgboss'::regnamespace and conname in ('payload_holds_ids', 'key_is_an_id', 'name_is_a_word') order by 1`,
    );
    expect(checks.map(({ name }) => name)).toEqual([
      "pgboss.job: key_is_an_id",
      "pgboss.job: payload_holds_ids",
      "pgboss.job_common: key_is_an_id",
      "pgboss.job_common: payload_holds_ids",
      "pgboss.queue: name_is_a_word",
      "pgboss.schedule: payload_holds_ids",
    ]);
    const functions = await scene.db.asAdmin<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p where p.pronamespace in ('public'::regnamespace, 'pgboss'::regnamespace)
       and p.prorettype <> 'trigger'::regtype and has_function_privilege('parley_jobs', p.oid, 'execute') order by 1`,
    );
    expect(functions.map(({ name }) => name)).toEqual([
      "parley_enqueue_job(text,jsonb,jsonb,timestamp with time zone,text,uuid,uuid)",
      "parley_is_job_payload(jsonb)",
      "pgboss.create_queue(text,jsonb)",
      "pgboss.job_now()",
    ]);
  });

  it("SECURITY: audit entries cannot be changed or removed, not even by their owner", async () => {
    const [app] = apps as [SceneApp];
    await scene.db.asAdmin(
      `insert into audit_entries (organisation_id, in_app_id, entry_id, actor, action, operation, targets, request_id, remote_address)
       values ($1, $2, gen_random_uuid(), 'x', 'x', 'x', '{}', 'x', 'x')`,
      [toUuid(app.tenant.organisationId), toUuid(app.tenant.appId)],
    );
    for (const sql of ["update audit_entries set actor = 'y'", "delete from audit_entries", "truncate audit_entries"]) {
      await expect(scene.db.asAdmin(sql)).rejects.toThrow("never changed");
    }
  });
});

describe("start-up", () => {
  it.each([
    ["the owner of the tables", embeddedRoles.owner, "owns the table"],
    ["a superuser", embeddedRoles.admin, "superuser"],
  ])("SECURITY: refuses to sign in as %s, and says what to do", async (_who, user, reason) => {
    const client = new pg.Client({ ...scene.db.connection, user });
    await client.connect();
    const refusal = assertSafeDatabase(client);
    await expect(refusal).rejects.toMatchObject({ code: "database.unsafe", detail: expect.stringContaining(reason) });
    await expect(refusal).rejects.toMatchObject({ detail: expect.stringContaining("Sign in with a role") });
    await client.end();
  });

  it.each([
    ["owns a table of the jobs", "alter table pgboss.warning owner to parley_service", "owns the table warning"],
    ["may create among the jobs", "grant create on schema pgboss to parley_jobs", "may create tables"],
  ])("SECURITY: refuses a service role that %s", async (_what, sql, reason) => {
    await scene.db.asAdmin(sql);
    const client = new pg.Client(scene.db.connection);
    await client.connect();
    await expect(assertSafeDatabase(client)).rejects.toMatchObject({ detail: expect.stringContaining(reason) });
    await scene.db.asAdmin("alter table pgboss.warning owner to parley_owner");
    await scene.db.asAdmin("revoke create on schema pgboss from parley_jobs");
    await expect(assertSafeDatabase(client)).resolves.toBeUndefined();
    await client.end();
  });

  it("SECURITY: refuses a table without forced row-level security", async () => {
    await scene.db.asAdmin("alter table receipts no force row level security");
    const client = new pg.Client(scene.db.connection);
    await client.connect();
    await expect(assertSafeDatabase(client)).rejects.toMatchObject({ detail: expect.stringContaining("receipts") });
    await scene.db.asAdmin("alter table receipts force row level security");
    await expect(assertSafeDatabase(client)).resolves.toBeUndefined();
    await client.end();
  });
});
