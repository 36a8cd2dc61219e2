export type { BatchTx, OrganisationTx, SqlValue, Statement, TenantTx, UserTx } from "../../kernel/tenant-tx.ts";
export { Database, type DatabaseOptions, runtimeRole, sessionOptions } from "./database.ts";
export { databaseErrors, isDeterministic } from "./errors.ts";
export { listMigrations, migrate, prepareRoles } from "./migrate.ts";
export { Presence, type PresenceOptions } from "./presence.ts";
export { appStatement, listStatements, organisationStatement, systemStatement, userStatement } from "./statement.ts";
export { assertSafeDatabase } from "./verify.ts";
