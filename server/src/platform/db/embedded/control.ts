// Starting, adopting and finding the embedded cluster. Everything that changes the data directory happens under the
// start lock; whoever comes second finds a running postmaster and adopts it.

import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../../kernel/errors.ts";
import { type Account, getAccount } from "./account.ts";
import { type Binaries, ensureBinaries, removeOtherCopies } from "./binaries.ts";
import { ensureCluster, writeAccess } from "./cluster.ts";
import { embeddedErrors, toEmbeddedError } from "./errors.ts";
import { type Launch, launch } from "./launch.ts";
import { createLayout, findLayout, type Layout, prepareLayout, removeSocketDir } from "./layout.ts";
import { findPostmaster, isAlive, type Postmaster, removeStaleFiles, stopPostmaster } from "./postmaster.ts";
import { isReady } from "./session.ts";
import { assertSettings, socketPort } from "./settings.ts";
import { withStartLock } from "./start-lock.ts";

export interface EmbeddedPostgres {
  /** Directory of the unix socket, for pg's `host`. */
  readonly socketDir: string;
  /** Names the socket file only; nothing listens on TCP. */
  readonly port: number;
  readonly dataDir: string;
  readonly pid: number;
  /** It was already running. */
  readonly adopted: boolean;
  /** The cluster was made by this start. */
  readonly created: boolean;
  /**
   * Ends the postmaster if this start started it, or with `force`, and waits until it is gone. An adopted one is left
   * alone otherwise. Calling it again does nothing.
   */
  stop(options?: { readonly force?: boolean }): Promise<void>;
}

export interface StartOptions {
  readonly dataDir: string;
  readonly log?: (message: string, fields?: object) => void;
  /** Added to Parley's own settings; those that keep the database private are refused. */
  readonly settings?: Readonly<Record<string, string>>;
}

type Log = NonNullable<StartOptions["log"]>;
const silent: Log = () => undefined;
const startMsMax = 60_000;
const retryMs = 100;

/**
 * The database of this data directory, made when absent, started when not running, adopted when it is, and taking
 * connections when this returns. Fails with an `embeddedErrors` sentence that says what to change; after 60 s of
 * recovery with `database.start_slow`, leaving it to go on.
 */
export async function startEmbeddedPostgres(options: StartOptions): Promise<EmbeddedPostgres> {
  try {
    assertSettings(options.settings ?? {});
    const layout = await createLayout(options.dataDir);
    return await withStartLock(layout.lockFile, () => adoptOrStart(layout, options));
  } catch (error) {
    throw toEmbeddedError(error);
  }
}

/** The running database of this directory, for a command beside a running server; changes nothing. */
export async function findRunningPostgres(dataDir: string): Promise<EmbeddedPostgres | undefined> {
  try {
    const layout = await findLayout(dataDir);
    if (layout === undefined) return undefined;
    const running = await findPostmaster(layout.pgdata);
    return running && (await adopt(layout, running, { log: silent, deadline: AbortSignal.timeout(startMsMax) }));
  } catch (error) {
    throw toEmbeddedError(error);
  }
}

type Owned = Postmaster & Pick<Launch, "untilGone">;

interface Attempt {
  readonly log: Log;
  readonly deadline: AbortSignal;
}

async function adoptOrStart(layout: Layout, options: StartOptions): Promise<EmbeddedPostgres> {
  const attempt = { log: options.log ?? silent, deadline: AbortSignal.timeout(startMsMax) };
  const running = await findPostmaster(layout.pgdata);
  // Undefined when it was just going down: then it is started below.
  const adopted = running && (await adopt(layout, running, attempt));
  return adopted ?? (await start(layout, options, attempt));
}

async function adopt(layout: Layout, running: Postmaster, attempt: Attempt): Promise<EmbeddedPostgres | undefined> {
  let current = running;
  const ready = await isReady({
    // The file names the directory only once the socket is open, and it may differ from what we would choose.
    socketDir: async () => {
      current = (await findPostmaster(layout.pgdata)) ?? current;
      return current.socketDir === "" ? layout.socketDir : current.socketDir;
    },
    isAlive: () => isAlive(running),
    ...attempt,
  });
  if (!ready) return undefined;
  attempt.log("adopted the embedded database", { pid: running.pid });
  // Its parent is somebody else, who takes note of its end.
  const untilGone = (): Promise<void> => Promise.resolve();
  return toHandle(layout, { ...running, socketDir: current.socketDir, untilGone }, { adopted: true, created: false });
}

async function start(layout: Layout, options: StartOptions, attempt: Attempt): Promise<EmbeddedPostgres> {
  const account = await getAccount(layout.pgdata);
  await prepareLayout(layout, account);
  const binaries = await ensureBinaries(layout.dataDir);
  const created = await ensureCluster(layout, account, binaries);
  if (created) attempt.log("made the embedded database's cluster");
  else await writeAccess(layout.pgdata, account);
  const postmaster = await launchUntilReady({ layout, account, binaries }, options.settings ?? {}, attempt);
  await removeOtherCopies(layout.dataDir, binaries);
  attempt.log("started the embedded database", { pid: postmaster.pid });
  return toHandle(layout, postmaster, { adopted: false, created });
}

/** Tries again while sessions of a killed postmaster still hold its shared memory: they notice within moments. */
async function launchUntilReady(
  parts: { layout: Layout; account: Account; binaries: Binaries },
  settings: Readonly<Record<string, string>>,
  attempt: Attempt,
): Promise<Owned> {
  const { layout } = parts;
  for (let tries = 1; ; tries += 1) {
    await removeStaleFiles(layout);
    const launched = await launch(parts, settings);
    if (await isLaunchReady(launched, layout, attempt)) {
      const { pid, untilGone } = launched;
      return { pid, pgdata: layout.pgdata, socketDir: layout.socketDir, untilGone };
    }
    const tail = await launched.readTail();
    if (!tail.includes("still in use")) throw new AppError(embeddedErrors.failed, { note: tail });
    if (attempt.deadline.aborted) throw new AppError(embeddedErrors.slow, { note: tail });
    if (tries === 1) attempt.log("sessions of the killed database are still ending, waiting");
    await sleep(retryMs);
  }
}

function isLaunchReady(launched: Launch, layout: Layout, attempt: Attempt): Promise<boolean> {
  return isReady({
    socketDir: () => Promise.resolve(layout.socketDir),
    isAlive: () => Promise.resolve(launched.isRunning()),
    ...attempt,
  });
}

function toHandle(
  layout: Layout,
  postmaster: Owned,
  how: { readonly adopted: boolean; readonly created: boolean },
): EmbeddedPostgres {
  return {
    socketDir: postmaster.socketDir,
    port: socketPort,
    dataDir: layout.dataDir,
    pid: postmaster.pid,
    ...how,
    async stop({ force = false } = {}) {
      if (how.adopted && !force) return;
      await stopPostmaster(postmaster);
      await postmaster.untilGone();
      await removeSocketDir(layout.dataDir, postmaster.socketDir);
    },
  };
}
