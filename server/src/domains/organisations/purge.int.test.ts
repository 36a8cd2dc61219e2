import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { type OrganisationId, type Tenant, toUuid } from "../../kernel/ids.ts";
import { Secret } from "../../kernel/secret.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../platform/db/testing/test-database.ts";
import { createLog } from "../../platform/log/log.ts";
import { InstallationKeys, toKeyRing } from "../keys/index.ts";
import { drawSecret, keepSecret } from "../secrets/index.ts";
import { createApp, createOrganisation } from "./create.ts";
import { purgeDeleted } from "./lifecycle/purge.ts";
import { purgeAppRows, purgeOrganisationRows } from "./lifecycle/store.ts";

const operator = { kind: "operator", command: "test" } as const;
const log = createLog({ level: "silent" });
const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));

let db: TestDatabase;
let tables: readonly { readonly name: string; readonly is_of_app: boolean }[];
beforeAll(async () => {
  db = await createTestDatabase();
  // Every table that holds rows of a tenant, from the catalogue: a table that is forgotten fails these tests.
  tables = await db.asAdmin(
    `select c.relname as name, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'app_id'
       and not a.attisdropped) as is_of_app
     from pg_class c join pg_attribute o on o.attrelid = c.oid and o.attname = 'organisation_id' and not o.attisdropped
     where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by c.relname`,
  );
  // Rows only need to be there: what their values must be is checked elsewhere.
  await db.asAdmin(
    `do $$ declare one record; begin
       for one in select conrelid::regclass as target, conname from pg_constraint
         where contype = 'c' and connamespace = 'public'::regnamespace and conrelid <> 0
       loop execute format('alter table %s drop constraint %I', one.target, one.conname); end loop;
       for one in select contypid::regtype as target, conname from pg_constraint
         where contype = 'c' and connamespace = 'public'::regnamespace and contypid <> 0
       loop execute format('alter domain %s drop constraint %I', one.target, one.conname); end loop;
     end $$`,
  );
});
afterAll(() => db.close());

const samples: Readonly<Record<string, string>> = {
  uuid: "gen_random_uuid()",
  boolean: "true",
  bytea: "decode(md5(random()::text) || md5(random()::text), 'hex')",
  text: "md5(random()::text)",
  jsonb: "'{}'",
  "timestamp with time zone": "now()",
  "text[]": "'{}'",
  "uuid[]": "'{}'",
};

/** Puts a row of this tenant into a table, past every rule but its columns' types. */
async function plant(table: string, { organisationId, appId }: Tenant): Promise<void> {
  const columns = await db.asAdmin<{ name: string; type: string }>(
    `select a.attname as name, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as type
     from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = $1::regclass
     and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = ''`,
    [table],
  );
  const own: Readonly<Record<string, string>> = {
    organisation_id: `'${toUuid(organisationId)}'`,
    app_id: `'${toUuid(appId)}'`,
  };
  const names = columns.map((column) => column.name).join();
  const values = columns.map((column) => own[column.name] ?? samples[column.type] ?? "1").join();
  await db.asAdmin(`set session_replication_role = replica; insert into ${table} (${names}) values (${values})`);
}

/** How many rows a tenant has in each table: of the app, and of its organisation. */
async function countRows({ organisationId, appId }: Tenant): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { name, is_of_app: isOfApp } of tables) {
    const [where, value] = isOfApp ? ["app_id", appId] : ["organisation_id", organisationId];
    const text = `select count(*)::int as count from ${name} where ${where} = $1`;
    counted[name] = (await db.asAdmin<{ count: number }>(text, [toUuid(value)]))[0]?.count ?? 0;
  }
  return counted;
}

/** An app with at least one row, of itself or its organisation, in every table there is. */
async function addTenant(organisationId: OrganisationId): Promise<Tenant> {
  const tenant = await createApp({ database: db.database, provider, actor: operator }, organisationId, "App");
  const before = await countRows(tenant);
  for (const { name } of tables) {
    if (before[name] === 0) await plant(name, tenant);
  }
  return tenant;
}

const addOrganisation = () => createOrganisation(db.database, operator, "Acme");
const purge = () => purgeDeleted({ database: db.database, log, batchRows: 2 });
const ownTables = (isOfApp: boolean) =>
  tables.filter((table) => table.is_of_app === isOfApp).map((table) => table.name);

describe("purging", () => {
  it("SECURITY: deletes every row of an app in every table, seven days after, and nothing of its neighbours", async () => {
    const organisationId = await addOrganisation();
    const [gone, stays] = [await addTenant(organisationId), await addTenant(organisationId)];
    const [before, beside] = [await countRows(gone), await countRows(stays)];
    expect(ownTables(true).filter((name) => before[name] === 0)).toEqual([]);
    const mark = "update apps set delete_after = now() + make_interval(secs => $2) where app_id = $1";
    await db.asAdmin(mark, [toUuid(gone.appId), 60]);
    expect(await purge()).toEqual({ apps: 0, organisations: 0, rows: 0, failed: 0 });
    expect(await countRows(gone)).toEqual(before);
    await db.asAdmin(mark, [toUuid(gone.appId), -1]);
    expect(await purge()).toMatchObject({ apps: 1, organisations: 0, failed: 0 });
    const after = await countRows(gone);
    expect(ownTables(true).filter((name) => after[name] !== 0)).toEqual([]);
    expect(await countRows(stays)).toEqual(beside);
    expect((await purge()).rows).toBe(0);
  });

  it("SECURITY: deletes every row of an organisation, its apps, keys, log and links, and nothing of another one", async () => {
    const [organisationId, other] = [await addOrganisation(), await addOrganisation()];
    const [gone, stays] = [await addTenant(organisationId), await addTenant(other)];
    const installation = new InstallationKeys({ database: db.database, provider, clock: systemClock });
    const sealer = await installation.sealer();
    for (const id of [organisationId, other]) {
      await keepSecret(db.database, drawSecret(), { purpose: "invitation", organisationId: id, sealer });
    }
    const beside = await countRows(stays);
    const before = await countRows(gone);
    expect(tables.map((table) => table.name).filter((name) => before[name] === 0)).toEqual([]);
    await db.asAdmin("update organisations set delete_after = now() - interval '1 second' where organisation_id = $1", [
      toUuid(organisationId),
    ]);
    expect(await purge()).toMatchObject({ apps: 1, organisations: 1, failed: 0 });
    const after = await countRows(gone);
    expect(tables.map((table) => table.name).filter((name) => after[name] !== 0)).toEqual([]);
    expect(await countRows(stays)).toEqual(beside);
    const links = await db.asAdmin<{ id: string }>("select about_organisation_id::text as id from one_time_secrets");
    expect(links.map((link) => link.id.replaceAll("-", ""))).toEqual([toUuid(other)]);
    installation.close();
  });

  it("SECURITY: cannot be asked for a tenant whose time is not over, nor for an entry of the log alone", async () => {
    const tenant = await addTenant(await addOrganisation());
    const before = await countRows(tenant);
    const asked = [
      await db.database.withOrganisation(operator, tenant.organisationId, (tx) => purgeOrganisationRows(tx, 10)),
      await db.database.withTenant(operator, tenant, (tx) => purgeAppRows(tx.organisation, tenant.appId, 10)),
    ];
    expect(asked).toEqual([0, 0]);
    expect(await countRows(tenant)).toEqual(before);
    const entry = db.asAdmin("delete from audit_entries where organisation_id = $1", [toUuid(tenant.organisationId)]);
    await expect(entry).rejects.toThrow("never changed");
  });

  it("SECURITY: reaches no other tenant than the one entered, although the tables' owner runs it", async () => {
    const [due, entered] = [await addTenant(await addOrganisation()), await addTenant(await addOrganisation())];
    const [organisation, app, own] = [due.organisationId, due.appId, entered.organisationId].map(toUuid);
    await db.asAdmin("update organisations set delete_after = now() where organisation_id = $1", [organisation]);
    const before = await countRows(due);
    const asRuntime = (standing: string | undefined) =>
      db.asAdmin(
        `begin; set local role parley_runtime; select set_config('parley.organisation_id', '${standing}', true);
         select parley_purge_app('${organisation}', '${app}', 10);
         select parley_purge_organisation('${organisation}', 10); commit`,
      );
    await asRuntime(own);
    await asRuntime("");
    expect(await countRows(due)).toEqual(before);
    expect(await purge()).toMatchObject({ apps: 1, organisations: 1 });
  });
});
