export { type AuditNote, recordAudit, recordPersonAudit } from "./record-audit.ts";
