export { Retention, type RetentionTask } from "./retention.ts";
