export { Database, type DatabaseOptions, runtimeRole } from "./database.ts";
export { databaseErrors } from "./errors.ts";
export { listMigrations, migrate, prepareRoles } from "./migrate.ts";
export { Presence, type PresenceOptions } from "./presence.ts";
export { appStatement, listStatements, organisationStatement, type Statement, systemStatement } from "./statement.ts";
export type { BatchTx, OrganisationTx, SqlValue, TenantTx } from "./transaction.ts";
export { assertSafeDatabase } from "./verify.ts";
