import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { findRunningPostgres, prepareCluster, startEmbeddedPostgres } from "./index.ts";
import { cleanUp, exists, makeDataDir, query, spawnElsewhere, startElsewhere, until } from "./testing/scratch.ts";

const timeoutMs = 60_000;
const keepRow = "CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)";
const countRows = "SELECT count(*)::int AS n FROM kept";

afterEach(cleanUp, timeoutMs);

describe("crashes", { timeout: timeoutMs }, () => {
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
    expect(embedded.created).toBe(true);
    await embedded.stop();
  });
});
