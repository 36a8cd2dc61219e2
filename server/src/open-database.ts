// From the settings to a database that is safe to serve from: the embedded one, started and migrated, or an external one,
// checked.

import pg from "pg";
import { type Config, isLoopback } from "./config.ts";
import { AppError } from "./kernel/errors.ts";
import {
  type EmbeddedPostgres,
  embeddedDatabase,
  embeddedRoles,
  prepareCluster,
  startEmbeddedPostgres,
} from "./platform/db/embedded/index.ts";
import { assertSafeDatabase, Database, databaseErrors, migrate, prepareRoles } from "./platform/db/index.ts";
import type { Logger } from "./platform/log/log.ts";

export interface OpenDatabase {
  readonly database: Database;
  /** As the service role: for the connections a process keeps besides the pool. */
  readonly connection: pg.ClientConfig;
  readonly isEmbedded: boolean;
  /** Starts the embedded database again if it died. */
  revive(): Promise<void>;
  /** Closes the pool; stops the embedded database unless another Parley process uses it. */
  close(): Promise<void>;
}

async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionTimeoutMillis: 10_000, ...config });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new AppError(databaseErrors.unavailable, { cause });
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Connection settings of an address. TLS is verified; only a socket or a loopback address may go without. */
export function toConnection(address: string): pg.ClientConfig {
  const url = new URL(address);
  const isLocal = url.hostname === "" || isLoopback(url.hostname) || url.searchParams.has("host");
  for (const name of ["sslmode", "ssl", "sslnegotiation"]) url.searchParams.delete(name);
  return { connectionString: url.href, ssl: isLocal ? false : { rejectUnauthorized: true } };
}

async function migrateEmbedded(embedded: EmbeddedPostgres, log: Logger): Promise<void> {
  const socket = { host: embedded.socketDir, port: embedded.port };
  const admin = { ...socket, user: embeddedRoles.admin, database: embeddedDatabase };
  await withClient(admin, (client) => prepareRoles(client, embeddedRoles));
  const applied = await withClient({ ...admin, user: embeddedRoles.owner }, (client) => migrate(client));
  if (applied.length > 0) log.info({ migrations: applied.length }, "the database schema is up to date");
}

async function countOthers(embedded: EmbeddedPostgres): Promise<number> {
  const admin = {
    host: embedded.socketDir,
    port: embedded.port,
    user: embeddedRoles.admin,
    database: embeddedDatabase,
  };
  const { rows } = await withClient(admin, (client) =>
    client.query<{ others: string }>(
      "select count(*) as others from pg_stat_activity where application_name = 'parley presence'",
    ),
  );
  return Number(rows[0]?.others ?? 0);
}

async function openEmbedded(config: Config, log: Logger): Promise<OpenDatabase> {
  const report = (message: string, fields?: object): void => log.info(fields ?? {}, message);
  const embedded = await startEmbeddedPostgres({ dataDir: config.PARLEY_DATA_DIR, log: report });
  await prepareCluster(embedded);
  await migrateEmbedded(embedded, log);
  const connection = {
    host: embedded.socketDir,
    port: embedded.port,
    user: embeddedRoles.service,
    database: embeddedDatabase,
  };
  const opened = await openChecked(connection, config, log);
  let running = embedded;
  const revive = async (): Promise<void> => {
    running = await startEmbeddedPostgres({ dataDir: config.PARLEY_DATA_DIR, log: report });
  };
  const close = async (): Promise<void> => {
    await opened.database.close();
    if ((await countOthers(running)) === 0) await running.stop({ force: true });
  };
  return { ...opened, isEmbedded: true, revive, close };
}

async function openChecked(
  connection: pg.ClientConfig,
  config: Config,
  log: Logger,
): Promise<Pick<OpenDatabase, "database" | "connection">> {
  await withClient(connection, assertSafeDatabase);
  const database = new Database({
    connection,
    connectionsMax: config.PARLEY_DATABASE_CONNECTIONS,
    onError: (error) => log.warn({ error }, "a database connection was lost"),
  });
  return { database, connection };
}

/** Opens the database of the settings. Throws `database.*` with what to do when it is away, unsafe or of another version. */
export async function openDatabase(config: Config, log: Logger): Promise<OpenDatabase> {
  if (config.DATABASE_URL === undefined) return openEmbedded(config, log);
  const opened = await openChecked(toConnection(config.DATABASE_URL.reveal()), config, log);
  return { ...opened, isEmbedded: false, revive: async () => undefined, close: () => opened.database.close() };
}

/** Migrates an external database as its owning role, and prepares the service role that DATABASE_URL names. */
export async function migrateExternal(migrationUrl: string, serviceUrl: string): Promise<readonly string[]> {
  const service = decodeURIComponent(new URL(serviceUrl).username);
  return withClient(toConnection(migrationUrl), async (client) => {
    const { rows } = await client.query<{ owner: string }>("select current_user as owner");
    await prepareRoles(client, { owner: rows[0]?.owner ?? "", service });
    return migrate(client);
  });
}
