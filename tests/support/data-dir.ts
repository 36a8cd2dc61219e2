// A data folder for an installation of a test's own: as its first start leaves it, so that the start takes a second instead
// of four. What happens at a first start is tried in `journeys/start.test.ts`, in an empty folder.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyDataDir, preparedDataDir } from "../../server/src/platform/db/testing/cluster.ts";

/** Makes one, an empty one outside of the tests. Remove it when the installation has stopped. */
export async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "parley-installation-"));
  const prepared = process.env[preparedDataDir];
  if (prepared !== undefined) await copyDataDir(prepared, dataDir);
  return dataDir;
}
