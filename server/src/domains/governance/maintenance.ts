// Removes what has outlived its purpose and belongs to no tenant: a job every hour, in one process at a time.

import { z } from "zod";
import type { Job, Jobs } from "../../platform/jobs/index.ts";
import type { Logger } from "../../platform/log/log.ts";

const hourly = "41 * * * *";

/** Removes what is too old; returns how many rows that was. */
export interface MaintenanceTask {
  readonly name: string;
  run(): Promise<number>;
}

export interface MaintenanceOptions {
  readonly jobs: Jobs;
  readonly log: Logger;
  readonly tasks: readonly MaintenanceTask[];
}

/** Declares the job and its schedule. A task that fails keeps none of the others waiting; its turn comes again. */
export function createMaintenance({ jobs, log, tasks }: MaintenanceOptions): Job<object> {
  const job = jobs.defineJob({
    name: "governance.maintenance",
    payload: z.strictObject({}),
    retry: { limit: 2, delaySeconds: 60, delaySecondsMax: 600 },
    expirySeconds: 1800,
    async run() {
      for (const task of tasks) {
        try {
          const removed = await task.run();
          if (removed > 0) log.info({ task: task.name, removed }, "removed what is too old");
        } catch (error) {
          log.error({ error, task: task.name }, "could not remove what is too old");
        }
      }
    },
  });
  jobs.schedule(job, hourly, {});
  return job;
}
