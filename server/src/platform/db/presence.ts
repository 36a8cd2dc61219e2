// One connection that stays open as long as the process lives: it holds the process's advisory lock, by which others see
// that it is alive, and hears notices. When it breaks it is opened again; what was missed meanwhile is asked for anew.

import pg from "pg";
import type { Logger } from "../log/log.ts";

export interface PresenceOptions {
  readonly connection: pg.ClientConfig;
  readonly lockClass: number;
  readonly channels: readonly string[];
  readonly onNotice: (channel: string, payload: string) => void;
  /** Called before each attempt to open the connection again: starts a database of our own that died. */
  readonly revive?: () => Promise<void>;
  /** The connection was opened again: notices may have been missed. */
  readonly onReconnect: () => void;
  readonly log: Logger;
}

const retryMs = 500;

export class Presence {
  readonly #options: PresenceOptions;
  #client: pg.Client | undefined;
  #number: number | undefined;
  #isStopping = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** This process's number. */
  get number(): number {
    return this.#number ?? 0;
  }

  /** Answers whether the others can see this process. */
  get isHeld(): boolean {
    return this.#client !== undefined;
  }

  /** Opens the connection and takes a number nobody had. */
  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #reopen(): Promise<void> {
    await this.#options.revive?.();
    if (!this.#isStopping) await this.#connect();
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ ...this.#options.connection, application_name: "parley presence", keepAlive: true });
    client.on("error", (error) => this.#lose(client, error));
    client.on("end", () => this.#lose(client, undefined));
    client.on("notification", (notice) => this.#options.onNotice(notice.channel, notice.payload ?? ""));
    await client.connect();
    this.#number ??= await drawNumber(client);
    await client.query("select pg_advisory_lock($1, $2)", [this.#options.lockClass, this.#number]);
    for (const channel of this.#options.channels) await client.query(`listen ${channel}`);
    this.#client = client;
  }

  #lose(client: pg.Client, error: Error | undefined): void {
    if (this.#client !== client || this.#isStopping) return;
    this.#client = undefined;
    this.#options.log.warn({ error }, "the presence connection to the database was lost");
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    this.#retry = setTimeout(() => {
      this.#reopen().then(
        () => this.#options.onReconnect(),
        () => {
          if (!this.#isStopping) this.#reconnectLater();
        },
      );
    }, retryMs);
  }
}

async function drawNumber(client: pg.Client): Promise<number> {
  await client.query("begin");
  await client.query("set local role parley_runtime");
  const { rows } = await client.query<{ number: string }>("select nextval('process_numbers') as number");
  await client.query("commit");
  return Number(rows[0]?.number);
}
