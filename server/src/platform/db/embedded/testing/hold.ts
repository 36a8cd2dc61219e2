// Started by tests as a process of its own: starts the database of the directory given, says so on one line, and stays
// until it is killed.

import { prepareCluster, startEmbeddedPostgres } from "../index.ts";

const embedded = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? "" });
await prepareCluster(embedded);
process.stdout.write(`${JSON.stringify({ pid: embedded.pid, adopted: embedded.adopted })}\n`);
setInterval(() => undefined, 60_000);
