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

const retryMs = 250;

export class Presence {
  readonly #options: PresenceOptions;
  #client: pg.Client | undefined;
  #number: number | undefined;
  #isStopping = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /**
   * This process's number: another one after each reconnection, so that what was leased under the former, and may not be
   * known here, is free. 0, which nobody ever is, while there is none.
   */
  get number(): number {
    return this.isHeld ? (this.#number ?? 0) : 0;
  }

  /** Answers whether the others can see this process. */
  get isHeld(): boolean {
    return this.#client !== undefined;
  }

  /** Opens the connection and takes a number nobody had. */
  async start(): Promise<void> {
    await this.#connect();
  }

  /** Takes another number, after a commit whose outcome is unknown: it may have leased something to the present one. */
  renew(): void {
    const client = this.#client;
    if (client === undefined || this.#isStopping) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    this.#reconnectLater();
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
    const number = await drawNumber(client);
    await client.query("select pg_advisory_lock($1, $2)", [this.#options.lockClass, number]);
    for (const channel of this.#options.channels) await client.query(`listen ${channel}`);
    this.#number = number;
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
