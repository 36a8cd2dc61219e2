import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedPostgres, embeddedRoles, prepareCluster, startEmbeddedPostgres } from "./embedded/index.ts";
import { listMigrations, migrate, prepareRoles } from "./migrate.ts";
import { assertSafeDatabase } from "./verify.ts";

let dataDir: string;
let cluster: EmbeddedPostgres;
let client: pg.Client;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parley-own-"));
  cluster = await startEmbeddedPostgres({ dataDir, settings: { fsync: "off" } });
  await prepareCluster(cluster);
  const connection = { host: cluster.socketDir, port: cluster.port, user: embeddedRoles.admin };
  const superuser = new pg.Client({ ...connection, database: "postgres" });
  await superuser.connect();
  // As the guide says.
  await superuser.query("create role own_owner login createrole password 'x'");
  await superuser.query("create database own owner own_owner");
  await superuser.end();
  client = new pg.Client({ ...connection, database: "own" });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await cluster.stop({ force: true });
  await rm(dataDir, { recursive: true, force: true });
});

describe("a database of one's own", () => {
  it("is prepared by an owner who is no superuser and made the service role, and is safe for that role to serve from", async () => {
    await client.query("set session authorization own_owner");
    await client.query("create role own_service login password 'x'");
    const names = { owner: "own_owner", service: "own_service" };
    await prepareRoles(client, names);
    expect(await migrate(client)).toEqual(listMigrations().map(({ name }) => name));
    expect(await migrate(client)).toEqual([]);
    await client.query("reset session authorization");
    await client.query("set session authorization own_service");
    await expect(assertSafeDatabase(client)).resolves.toBeUndefined();
    for (const role of ["parley_runtime", "parley_jobs"]) await client.query(`set role ${role}`);
    await expect(client.query("set role parley_lookup")).rejects.toThrow("permission denied");
    await client.query("reset session authorization");
  });

  it("needs nothing once it is prepared: not even a role that may make roles", async () => {
    await client.query("alter role own_owner nocreaterole");
    await client.query("set session authorization own_owner");
    await prepareRoles(client, { owner: "own_owner", service: "own_service" });
    await expect(prepareRoles(client, { owner: "own_owner", service: "another" })).rejects.toMatchObject({
      code: "database.roles_missing",
      detail: expect.stringContaining(`create role "another" login noinherit password '...';`),
    });
    await client.query("reset session authorization");
  });

  it("refuses a file that was edited after it was applied, and goes on when its comment names the text that was", async () => {
    const put = (name: string, checksum = ""): Promise<unknown> =>
      client.query("update parley_migrations set checksum = $2 where name = $1", [name, checksum]);
    const rewritten = listMigrations().find(({ formerly }) => formerly.length > 0);
    const { name = "", checksum, formerly = [] } = rewritten ?? {};
    await client.query("set session authorization own_owner");
    await put(name, "0".repeat(64));
    const refusal = { code: "database.not_migrated", message: expect.stringContaining(`${name} was edited after`) };
    await expect(migrate(client)).rejects.toMatchObject(refusal);
    for (const earlier of formerly) {
      await put(name, earlier);
      expect(await migrate(client)).toEqual([]);
      await client.query("set session authorization own_service");
      await expect(assertSafeDatabase(client)).resolves.toBeUndefined();
      await client.query("set session authorization own_owner");
    }
    await put(name, checksum);
    await client.query("reset session authorization");
  });
});
