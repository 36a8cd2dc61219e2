// The settings of the embedded PostgreSQL, each with its reason. They travel on the command line, which outranks
// postgresql.conf and ALTER SYSTEM, so a data directory written by an earlier release follows the current list.
// The locked ones keep the database private and its log free of content; a caller cannot override them.

import { AppError } from "../../../kernel/errors.ts";
import { embeddedErrors } from "./errors.ts";

/** Nominal: it only names the socket file. Nothing listens on TCP. */
export const socketPort = 5432;

const tuned: Readonly<Record<string, string>> = {
  // Idle memory of server and database together stays under 350 MiB on a machine with 2 cores and 2 GiB.
  shared_buffers: "64MB",
  // Two pools of ten, the job runner, a command beside the server, and the three slots kept for the administrator.
  max_connections: "40",
  // Per sort or hash, not per connection; 40 sessions at once stay bounded.
  work_mem: "4MB",
  maintenance_work_mem: "32MB",
  // A hint for the planner, not an allocation: what the system's file cache can hold of the data.
  effective_cache_size: "512MB",
  // 64 MB gain nothing from huge pages, and reserving them can fail on a shared host.
  huge_pages: "off",
  // Reads in the session itself; the default starts three I/O processes that only pay off on large scans.
  io_method: "sync",
  // Compiling a plan costs more than our short queries take, and loads LLVM into every session.
  jit: "off",
  // The second core belongs to the server, and parallel plans need /dev/shm, of which a container has 64 MB.
  max_parallel_workers_per_gather: "0",
  max_parallel_maintenance_workers: "0",
  // Nothing replicates from here: no launcher process, no sender slots.
  max_logical_replication_workers: "0",
  max_wal_senders: "0",
  max_replication_slots: "0",
  // The least WAL that still allows an online backup of the directory (pg_backup_start); `minimal` forbids it and
  // saves nothing on small transactions.
  wal_level: "replica",
  // An acknowledged row survives a power cut. These are the defaults, written down because they are a promise.
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  // The embedded build has neither lz4 nor zstd, and pglz takes 75 us a page image: with a million messages stored nearly every
  // key of a message lands on a page of its own, and that alone made a message cost a fifth more than with a thousand.
  wal_compression: "off",
  // A new 16 MB segment of WAL would be filled with zeros while every commit waits: 30 to 70 ms, each 1 500 messages, until the
  // first ones are used again (docs/decisions/0027-segments-without-zeros.md).
  wal_init_zero: "off",
  // Bounds both the disk used by WAL and the time of a recovery (seconds). Uncompressed page images fill it faster.
  max_wal_size: "1GB",
  min_wal_size: "64MB",
  checkpoint_timeout: "10min",
  // Queue tables turn over completely in seconds: look often, and start before a tenth of a table is dead.
  autovacuum_naptime: "15s",
  autovacuum_vacuum_scale_factor: "0.1",
  autovacuum_analyze_scale_factor: "0.05",
  autovacuum_max_workers: "2",
  autovacuum_worker_slots: "4",
  // A running query ends when its client is gone, so a killed server leaves no work behind.
  client_connection_check_interval: "5s",
  // The planner's default is for spinning disks.
  random_page_cost: "1.1",
  // Times are stored and written as UTC whatever the machine is set to.
  timezone: "UTC",
  log_timezone: "UTC",
};

const locked: Readonly<Record<string, string>> = {
  // SECURITY: no TCP listener. Only processes that may open the socket's directory can reach the server.
  listen_addresses: "",
  port: String(socketPort),
  unix_socket_permissions: "0700",
  // SECURITY: the log holds no statement, no parameter and no key of a row: no DETAIL lines (terse), no STATEMENT lines
  // below PANIC. `prepareCluster` also keeps the primary messages of sessions out, which can quote a value.
  log_min_messages: "warning",
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
  log_statement: "none",
  log_checkpoints: "off",
  log_duration: "off",
  log_min_duration_statement: "-1",
  log_min_duration_sample: "-1",
  log_transaction_sample_rate: "0",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  // stderr is our file; a collector process would cost memory and rotate behind our back.
  logging_collector: "off",
  log_destination: "stderr",
};

/** Refuses a name that is not a setting's, and one that is locked or says where files are (`database.setting_refused`). */
export function assertSettings(overrides: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(overrides)) {
    const isName = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/.test(name);
    if (!isName || Object.hasOwn(locked, name) || isPlacement(name)) {
      throw new AppError(embeddedErrors.setting, { note: name });
    }
  }
}

/** The arguments after `-D <directory>`: tuned settings, the caller's checked ones on top, the locked ones last. */
export function toArguments(socketDir: string, overrides: Readonly<Record<string, string>>): string[] {
  const all = { ...tuned, ...overrides, ...locked, unix_socket_directories: quoteDirectory(socketDir) };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Settings that say where files are or who may enter; they would undo the ident map. */
function isPlacement(name: string): boolean {
  return /(_file|_directory|_directories|_command|_libraries|_path)$/.test(name) || name.startsWith("ssl");
}

/** The setting is a list split at commas; double quotes keep a path with a comma or a space in one piece. */
function quoteDirectory(directory: string): string {
  return `"${directory.replaceAll('"', '""')}"`;
}
