export { type Job, type JobContext, type JobField, type JobOptions, type JobTx, jobErrors } from "./define-job.ts";
export { type EnqueueOptions, Jobs, jobsChannel } from "./jobs.ts";
