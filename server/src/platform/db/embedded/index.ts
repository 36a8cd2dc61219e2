// The database that Parley brings along: one PostgreSQL on a unix socket, entered by our operating-system user only.

export { type EmbeddedPostgres, findRunningPostgres, type StartOptions, startEmbeddedPostgres } from "./control.ts";
export { embeddedErrors } from "./errors.ts";
export { embeddedDatabase, prepareCluster } from "./prepare.ts";
export { embeddedRoles } from "./session.ts";
