// What is done by itself, once an hour: removing what has outlived its purpose, in every tenant and beside them, and
// warning of tokens that end. A part of the composition root.

import { removeKeptOver } from "./api/index.ts";
import { purgeReplayKeys } from "./domains/conversations/index.ts";
import { purgeFiles } from "./domains/files/index.ts";
import { createMaintenance, createRetention } from "./domains/governance/index.ts";
import { purgeSessions } from "./domains/identity/index.ts";
import { purgeDeleted } from "./domains/organisations/index.ts";
import { purgeSecrets } from "./domains/secrets/index.ts";
import { warnExpiring } from "./domains/tokens/index.ts";
import { purgeNonces, purgeVisitors } from "./domains/visitors/index.ts";
import type { People } from "./people.ts";
import type { Database } from "./platform/db/index.ts";
import type { Jobs } from "./platform/jobs/index.ts";
import type { Logger } from "./platform/log/log.ts";

/** How long what ended is kept: enough to see in the list, or to explain a link that does not work any more. */
const keptDays = {
  /** Platforms send again for up to seven days. */
  replayKeys: 7,
  secrets: 7,
  sessions: 30,
  /** As long as a session can be taken up again. */
  visitors: 30,
} as const;

export interface UpkeepOptions {
  readonly database: Database;
  readonly jobs: Jobs;
  readonly people: People;
  readonly log: Logger;
}

/** Declares the jobs of upkeep. */
export function declareUpkeep({ database, jobs, people, log }: UpkeepOptions): void {
  createMaintenance({
    ...{ jobs, log },
    tasks: [
      { name: "one-time secrets", run: () => purgeSecrets(database, keptDays.secrets) },
      { name: "ended sessions", run: () => purgeSessions(database, keptDays.sessions) },
      { name: "deleted apps and organisations", run: async () => (await purgeDeleted({ database, log })).rows },
    ],
  });
  createRetention({
    ...{ database, jobs, log },
    tasks: [
      { name: "replay keys", run: (tx) => purgeReplayKeys(tx, keptDays.replayKeys) },
      { name: "idempotency keys", run: removeKeptOver },
      { name: "files nobody holds", run: purgeFiles },
      { name: "visitors' sessions", run: (tx) => purgeVisitors(tx, keptDays.visitors) },
      { name: "visitors' nonces", run: purgeNonces },
      { name: "warnings of tokens that end", run: (tx) => warnExpiring(people.tokens, tx) },
    ],
  });
}
