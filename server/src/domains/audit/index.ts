export { type AuditEntryRead, type AuditFilter, listAudit } from "./list-audit.ts";
export { type AuditNote, recordAudit, recordPersonAudit } from "./record-audit.ts";
export { listMembershipsSql } from "./store.ts";
