import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { embeddedErrors, findRunningPostgres, startEmbeddedPostgres } from "./index.ts";
import { cleanUp, exists, isRoot, makeDataDir, makeDeeper, query, startElsewhere } from "./testing/scratch.ts";

const runFile = promisify(execFile);
const timeoutMs = 60_000;

afterEach(cleanUp, timeoutMs);

describe("starting", { timeout: timeoutMs }, () => {
  it("makes a cluster with checksums and the builtin locale, once, and stops without a trace", async () => {
    const dataDir = await makeDataDir();
    const first = await startEmbeddedPostgres({ dataDir });
    expect(first).toMatchObject({ created: true, adopted: false, dataDir });
    const [row] = await query(
      first,
      "SELECT datlocprovider AS provider, datlocale AS locale, pg_encoding_to_char(encoding) AS encoding, current_setting('data_checksums') AS checksums FROM pg_database WHERE datname = 'template1'",
    );
    expect(row).toEqual({ provider: "b", locale: "C.UTF-8", encoding: "UTF8", checksums: "on" });
    await first.stop();
    await first.stop();
    expect(await exists(`/proc/${first.pid}`)).toBe(false);
    expect(await readdir(first.socketDir)).toEqual([]);
    const before = performance.now();
    const second = await startEmbeddedPostgres({ dataDir });
    console.info(`second start to ready: ${Math.round(performance.now() - before)} ms`);
    expect(second).toMatchObject({ created: false, adopted: false });
    await second.stop();
  });

  it("is found by a command beside it, which does not stop it unless forced", async () => {
    const dataDir = await makeDataDir();
    expect(await findRunningPostgres(dataDir)).toBeUndefined();
    const embedded = await startEmbeddedPostgres({ dataDir });
    const found = await findRunningPostgres(dataDir);
    expect(found).toMatchObject({ pid: embedded.pid, socketDir: embedded.socketDir, adopted: true });
    await found?.stop();
    expect(await query(embedded, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await found?.stop({ force: true });
    expect(await findRunningPostgres(dataDir)).toBeUndefined();
  });

  it("makes one cluster when two processes and two callers start at once", async () => {
    const dataDir = await makeDataDir();
    const inside = [startEmbeddedPostgres({ dataDir }), startEmbeddedPostgres({ dataDir })];
    const outside = [startElsewhere(dataDir), startElsewhere(dataDir)];
    const all = [...(await Promise.all(inside)), ...(await Promise.all(outside))];
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
    expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1);
    expect((await readdir(dataDir)).filter((name) => name.includes("lock"))).toEqual([]);
  });

  it("puts the socket in a private directory elsewhere when the path is too long", async () => {
    const dataDir = await makeDeeper(dirname(await makeDataDir()), "d".repeat(100));
    const embedded = await startEmbeddedPostgres({ dataDir });
    expect(dirname(embedded.socketDir)).toBe(tmpdir());
    expect(((await stat(embedded.socketDir)).mode & 0o777).toString(8)).toBe("700");
    expect(await findRunningPostgres(dataDir)).toMatchObject({ pid: embedded.pid, socketDir: embedded.socketDir });
    await embedded.stop();
    expect(await exists(embedded.socketDir)).toBe(false);
  });

  it("refuses a socket directory that is a link", async () => {
    const dataDir = await makeDataDir();
    await mkdir(dataDir);
    await symlink(tmpdir(), join(dataDir, "run"));
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({ code: embeddedErrors.directory.code });
  });

  it("says so when another major version wrote the directory", async () => {
    const dataDir = await makeDataDir();
    const embedded = await startEmbeddedPostgres({ dataDir });
    await embedded.stop();
    await writeFile(join(dataDir, "postgres/PG_VERSION"), "17\n");
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({ code: embeddedErrors.version.code });
  });

  it("fails with the last lines of the database's log when it ends early", async () => {
    const dataDir = await makeDataDir();
    const start = startEmbeddedPostgres({ dataDir, settings: { shared_buffers: "nonsense" } });
    await expect(start).rejects.toMatchObject({
      code: embeddedErrors.failed.code,
      message: expect.stringContaining('invalid value for parameter "shared_buffers"'),
    });
  });

  it.runIf(isRoot)("names the directory that keeps the database's user out", async () => {
    const dataDir = await makeDataDir();
    await chmod(dirname(dataDir), 0o700);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      code: embeddedErrors.unreachable.code,
      detail: expect.stringContaining(` ${dirname(dataDir)}. Set PARLEY_DATA_DIR`),
    });
    expect(await exists(join(dataDir, "postgres"))).toBe(false);
  });

  it.runIf(isRoot)("copies the programs again when the copy was cut short", async () => {
    const dataDir = await makeDataDir();
    const embedded = await startEmbeddedPostgres({ dataDir });
    await embedded.stop();
    const [copy = ""] = (await readdir(dataDir)).filter((name) => name.startsWith("postgres-bin-"));
    await rm(join(dataDir, copy, ".complete"));
    await rm(join(dataDir, copy, "bin/postgres"));
    await mkdir(join(dataDir, "postgres-bin-17.0.0"));
    await (await startEmbeddedPostgres({ dataDir })).stop();
    expect((await readdir(dataDir)).filter((name) => name.startsWith("postgres-bin-"))).toEqual([copy]);
  });

  it("does not start a second one beside a database that answers from another container", async () => {
    const dataDir = await makeDataDir();
    await (await startEmbeddedPostgres({ dataDir })).stop();
    const elsewhere = createServer().listen(join(dataDir, "run/.s.PGSQL.5432"));
    await once(elsewhere, "listening");
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({ code: embeddedErrors.inUse.code });
    elsewhere.close();
  });

  it.runIf(isRoot)("says what to do when the operating-system user has no name", async () => {
    const dataDir = await makeDataDir();
    await mkdir(dataDir, { mode: 0o700 });
    await chown(dataDir, 54_321, 54_321);
    const script = fileURLToPath(new URL("testing/hold.ts", import.meta.url));
    const start = runFile(process.execPath, [script, dataDir], { uid: 54_321, gid: 54_321, env: {}, cwd: "/" });
    await expect(start).rejects.toMatchObject({ stderr: expect.stringContaining(embeddedErrors.account.code) });
  });
});
