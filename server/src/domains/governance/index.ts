export { createRetention, type RetentionOptions, type RetentionTask } from "./retention.ts";
