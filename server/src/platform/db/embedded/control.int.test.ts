import { chmod, lstat, mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { embeddedErrors, findRunningPostgres, prepareCluster, startEmbeddedPostgres } from "./index.ts";
import {
  isRoot,
  killIfThere,
  makeDataDir,
  makeDeeper,
  query,
  spawnElsewhere,
  startElsewhere,
  until,
} from "./testing/scratch.ts";

const keepRow = "CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)";
const countRows = "SELECT count(*)::int AS n FROM kept";

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

describe("starting", () => {
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
});

describe("crashes", () => {
  it("adopts the database after kill -9 of its parent, with the data kept", async () => {
    const dataDir = await makeDataDir();
    const { parentPid, pid } = await startElsewhere(dataDir);
    const running = await findRunningPostgres(dataDir);
    await query({ socketDir: running?.socketDir ?? "", database: "parley" }, keepRow);
    process.kill(parentPid, "SIGKILL");
    const next = await startEmbeddedPostgres({ dataDir });
    expect(next).toMatchObject({ adopted: true, created: false, pid });
    await prepareCluster(next);
    expect(await query({ ...next, database: "parley" }, countRows)).toEqual([{ n: 1 }]);
    await next.stop({ force: true });
    expect(await exists(join(dataDir, "postgres/postmaster.pid"))).toBe(false);
  });

  it("recovers after kill -9 of the postmaster, with every committed row", async () => {
    const dataDir = await makeDataDir();
    const first = await startEmbeddedPostgres({ dataDir });
    for (let round = 0; round < 5; round += 1) await query(first, keepRow);
    // A session in the middle of work outlives its postmaster for a moment and holds the shared memory.
    const busy = query(first, "SELECT count(*) FROM generate_series(1, 20000000)").catch(() => undefined);
    await until(async () => (await query(first, "SELECT FROM pg_stat_activity WHERE state = 'active'")).length > 1);
    process.kill(first.pid, "SIGKILL");
    const next = await startEmbeddedPostgres({ dataDir });
    expect(next).toMatchObject({ adopted: false, created: false });
    expect(await query(next, countRows)).toEqual([{ n: 5 }]);
    await busy;
    await next.stop();
  });

  it("starts over when the process number in postmaster.pid belongs to somebody else, or the file is torn", async () => {
    const dataDir = await makeDataDir();
    await (await startEmbeddedPostgres({ dataDir })).stop();
    for (const content of [`${process.pid}\n${join(dataDir, "postgres")}\n`, ""]) {
      await writeFile(join(dataDir, "postgres/postmaster.pid"), content);
      await writeFile(join(dataDir, "run/.s.PGSQL.5432.lock"), content);
      const embedded = await startEmbeddedPostgres({ dataDir });
      expect(embedded.adopted).toBe(false);
      await embedded.stop();
    }
  });

  it("makes a whole cluster after initdb was killed half way", async () => {
    const dataDir = await makeDataDir();
    const { parentPid } = spawnElsewhere(dataDir);
    const draft = join(dataDir, `postgres-init-${parentPid}`);
    await until(() => exists(join(draft, "base/1")));
    process.kill(-parentPid, "SIGKILL");
    expect(await exists(join(dataDir, "postgres"))).toBe(false);
    const embedded = await startEmbeddedPostgres({ dataDir });
    expect(embedded.created).toBe(true);
    expect((await readdir(dataDir)).filter((name) => name.startsWith("postgres-init-"))).toEqual([]);
    await embedded.stop();
  });

  it("ignores a start lock whose holder is gone, even when its number was given out again", async () => {
    const dataDir = await makeDataDir();
    await mkdir(dataDir, { mode: 0o711 });
    await writeFile(join(dataDir, "postgres-start.lock"), `${process.pid} 1\n`);
    const embedded = await startEmbeddedPostgres({ dataDir });
    killIfThere(embedded.pid);
    expect(embedded.created).toBe(true);
  });
});
