// Where tests keep databases and browsers' profiles.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";

/** Whether programs may be run from a folder, and there is room in it. The database's are copied beside its data. */
function isOfUse(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < 6 * 2 ** 30) return false;
    const own = mkdtempSync(join(folder, "parley-try-"));
    const program = join(own, "program");
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
    const { status } = spawnSync(program);
    rmSync(own, { recursive: true });
    return status === 0;
  } catch {
    return false;
  }
}

/**
 * Where databases and profiles lie: in memory, where Linux has room for them, but for tests that measure time. Copies of a
 * database are thousands of files, and each test file makes one.
 */
export function findFolders(): NodeJS.ProcessEnv {
  return { TMPDIR: isOfUse(memory) ? memory : tmpdir(), PARLEY_TEST_DISK: tmpdir() };
}

/** Where they lie for tests that measure time. */
export const diskFolder = process.env["PARLEY_TEST_DISK"] ?? tmpdir();
