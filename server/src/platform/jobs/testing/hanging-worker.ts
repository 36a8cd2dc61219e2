// A process that takes a job and never finishes it, for a test that kills it. Prints one line when it has the job.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { createLog } from "../../log/log.ts";
import { Jobs } from "../jobs.ts";

const jobs = new Jobs({ connection: JSON.parse(process.argv[2] ?? "{}"), log: createLog({ level: "warn" }) });
jobs.defineJob({
  name: "test.take-over",
  payload: z.strictObject({ channelId: idOf("channel") }),
  retry: { limit: 2, delaySeconds: 0, delaySecondsMax: 1 },
  expirySeconds: 900,
  run: async ({ channelId }) => {
    process.stdout.write(`${channelId}\n`);
    await new Promise(() => undefined);
  },
});
await jobs.start();
