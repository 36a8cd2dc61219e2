import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OrganisationId, type Tenant, toUuid } from "../../kernel/ids.ts";
import { createLog } from "../../platform/log/log.ts";
import { createScene, type Scene, type SceneApp } from "../conversations/testing/scene.ts";
import { purgeDeleted } from "./lifecycle/purge.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

const log = createLog({ level: "silent" });

/** Every table that holds rows of a tenant, from the catalogue. */
async function listTenantTables(): Promise<{ name: string; is_of_app: boolean }[]> {
  return scene.db.asAdmin(
    `select c.relname as name, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'app_id'
       and not a.attisdropped) as is_of_app
     from pg_class c join pg_attribute o on o.attrelid = c.oid and o.attname = 'organisation_id' and not o.attisdropped
     where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by c.relname`,
  );
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function listRequired(table: string): Promise<Column[]> {
  return scene.db.asAdmin(
    `select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef`,
    [table],
  );
}

const samples: Readonly<Record<string, string>> = {
  uuid: "gen_random_uuid()",
  bytea: "decode(md5(random()::text) || md5(random()::text), 'hex')",
  text: "'x'",
  jsonb: "'{}'",
  integer: "1",
  bigint: "1",
  boolean: "false",
  "timestamp with time zone": "now()",
  "text[]": "'{}'",
  "uuid[]": "'{}'",
  smallint: "1",
};

/** Puts one row of this tenant into a table, whatever its rules, as a superuser who checks neither them nor keys. */
async function plant(table: string, tenant: Tenant): Promise<void> {
  const columns = await listRequired(table);
  const own: Readonly<Record<string, string>> = {
    organisation_id: `'${toUuid(tenant.organisationId)}'`,
    app_id: `'${toUuid(tenant.appId)}'`,
  };
  const values = columns.map((column) => own[column.name] ?? samples[column.type] ?? "null");
  await scene.db.asAdmin(`insert into ${table} (${columns.map((column) => column.name).join()}) values (${values.join()})`);
}

/** A tenant with at least one row in each tenant table. Checks of values are taken off first: rows only need to be there. */
async function plantEverywhere(app: SceneApp): Promise<void> {
  for (const { name } of await listTenantTables()) {
    if (name === "apps" || name === "organisations") continue;
    const [row] = await count(name, app.tenant);
    if (row === 0) await plant(name, app.tenant);
  }
}

async function count(table: string, { organisationId, appId }: Tenant): Promise<[number, number]> {
  const ofApp = (await listTenantTables()).find((one) => one.name === table)?.is_of_app === true;
  const where = ofApp ? "organisation_id = $1 and app_id = $2" : "organisation_id = $1 and $2::uuid is not null";
  const rows = await scene.db.asAdmin<{ own: number; all: number }>(
    `select (count(*) filter (where ${where}))::int as own, count(*)::int as all from ${table}`,
    [toUuid(organisationId), toUuid(appId)],
  );
  return [rows[0]?.own ?? 0, rows[0]?.all ?? 0];
}
