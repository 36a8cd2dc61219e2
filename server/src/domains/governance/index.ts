export { createMaintenance, type MaintenanceOptions, type MaintenanceTask } from "./maintenance.ts";
export { createRetention, type RetentionOptions, type RetentionTask } from "./retention.ts";
