// Where tests keep databases and browsers' profiles.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
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

function makeFolder(place: string): string {
  const folder = mkdtempSync(join(place, "parley-run-"));
  // The database runs as a user of its own where we are root, and must get through.
  chmodSync(folder, 0o711);
  return folder;
}

export interface TestFolders {
  readonly disk: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Removes them, with everything that tests left behind. */
  remove(): void;
}

/**
 * Where databases and profiles lie: in memory, where Linux has room for them, but for tests that measure time. Copies of a
 * database are thousands of files, and each test file makes one.
 */
export function makeFolders(): TestFolders {
  const disk = makeFolder(tmpdir());
  const usual = isOfUse(memory) ? makeFolder(memory) : disk;
  return {
    disk,
    environment: { TMPDIR: usual, PARLEY_TEST_DISK: disk },
    remove: () => {
      for (const folder of [disk, usual]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where they lie for tests that measure time. */
export const diskFolder = process.env["PARLEY_TEST_DISK"] ?? tmpdir();
