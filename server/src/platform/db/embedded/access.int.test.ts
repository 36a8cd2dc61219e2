import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedPostgres, embeddedRoles, prepareCluster, startEmbeddedPostgres } from "./index.ts";
import { cleanUp, isRoot, makeDataDir, query, startElsewhere } from "./testing/scratch.ts";

const runFile = promisify(execFile);
const startTimeoutMs = 60_000;
let embedded: EmbeddedPostgres;

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8);
}

// One cluster for the file, started by a process whose environment is full of things that must not be passed on.
beforeAll(async () => {
  const dataDir = await makeDataDir();
  await startElsewhere(dataDir);
  // Running, so this adopts it.
  embedded = await startEmbeddedPostgres({ dataDir });
}, startTimeoutMs);
afterAll(cleanUp, startTimeoutMs);

describe("who gets into the embedded database", () => {
  it("lets our user in as the three roles and as no other", async () => {
    for (const user of Object.values(embeddedRoles)) {
      const [row] = await query({ ...embedded, user, database: "parley" }, "SELECT current_user AS name");
      expect(row).toEqual({ name: user });
    }
    await query(embedded, "CREATE ROLE stranger LOGIN SUPERUSER");
    await expect(query({ ...embedded, user: "stranger" }, "SELECT 1")).rejects.toMatchObject({ code: "28000" });
  });

  it.runIf(isRoot)("refuses every other operating-system user, also the one that runs the database", async () => {
    const script = fileURLToPath(new URL("testing/login.ts", import.meta.url));
    const { uid, gid } = await stat(embedded.socketDir);
    for (const user of Object.values(embeddedRoles)) {
      const options = { uid, gid, env: {}, cwd: "/" };
      const owner = await runFile(process.execPath, [script, embedded.socketDir, user], options);
      expect(owner.stdout).toBe("28000");
      const other = await runFile(process.execPath, [script, embedded.socketDir, user], { ...options, uid: uid - 1 });
      expect(other.stdout).toBe("EACCES");
    }
  });

  it("CVE-2026-54309: opens no TCP port", async () => {
    const [row] = await query(embedded, "SELECT setting FROM pg_settings WHERE name = 'listen_addresses'");
    expect(row).toEqual({ setting: "" });
    const tables = await Promise.all(
      ["tcp", "tcp6"].map((name) => readFile(`/proc/${embedded.pid}/net/${name}`, "utf8")),
    );
    // Port 5432 is 1538 in hexadecimal; state 0A is LISTEN.
    expect(tables.join("")).not.toMatch(/:1538 [0-9A-F]+:0000 0A/);
  });

  it("makes roles that bypass nothing and a database that strangers cannot enter", async () => {
    await Promise.all([prepareCluster(embedded), prepareCluster(embedded)]);
    const roles = await query(
      embedded,
      "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS strong FROM pg_roles WHERE rolname IN ('parley_owner', 'parley_service')",
    );
    expect(roles).toEqual([{ strong: false }, { strong: false }]);
    const service = { ...embedded, user: embeddedRoles.service };
    await expect(query(service, "SELECT 1")).rejects.toMatchObject({ code: "42501" });
    const inside = { ...service, database: "parley" };
    await expect(query(inside, "CREATE TABLE public.taken (id int)")).rejects.toMatchObject({ code: "42501" });
    await expect(query(inside, "CREATE TEMP TABLE taken (id int)")).rejects.toMatchObject({ code: "42501" });
  });

  it("hands nothing of the caller's environment to the postmaster", async () => {
    const environment = (await readFile(`/proc/${embedded.pid}/environ`, "utf8"))
      .split("\0")
      .filter((line) => line !== "");
    expect(environment.map((line) => line.split("=")[0]).sort()).toEqual(["LC_ALL", "PATH"]);
  });

  it("keeps data, socket and log closed to others", async () => {
    expect(await modeOf(join(embedded.dataDir, "postgres"))).toBe("700");
    expect(await modeOf(embedded.socketDir)).toBe("700");
    expect(await modeOf(join(embedded.dataDir, "log"))).toBe("700");
    expect(await modeOf(join(embedded.dataDir, "log/postgres.log"))).toBe("600");
    expect(await modeOf(join(embedded.dataDir, "postgres/pg_ident.conf"))).toBe("600");
  });

  it("writes no row, statement or value into its log", async () => {
    const owner = { ...embedded, user: embeddedRoles.owner, database: "parley" };
    await query(owner, "CREATE TABLE notes (body text PRIMARY KEY); INSERT INTO notes VALUES ('dear diary')");
    await expect(query(owner, "INSERT INTO notes VALUES ('dear diary')")).rejects.toMatchObject({ code: "23505" });
    await expect(query(owner, "SELECT 'dear diary'::int")).rejects.toMatchObject({ code: "22P02" });
    await expect(
      query(owner, "DO $$ BEGIN RAISE WARNING 'dear diary'; RAISE 'dear diary'; END $$"),
    ).rejects.toMatchObject({ code: "P0001" });
    await expect(query({ ...embedded, user: "stranger" }, "SELECT 1")).rejects.toMatchObject({ code: "28000" });
    const log = await readFile(join(embedded.dataDir, "log/postgres.log"), "utf8");
    expect(log).toContain("stranger");
    expect(log).not.toContain("diary");
    expect(log).not.toContain("STATEMENT");
  });
});
