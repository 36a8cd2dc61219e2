// A stage for tests of files: a real database with apps, and the real guarded client, which may reach one receiver that the
// test holds in its hand, as a scanner or as a place files are fetched from.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { TokenActor } from "../../../kernel/actor.ts";
import { systemClock } from "../../../kernel/clock.ts";
import type { AppId, ChannelId, Tenant } from "../../../kernel/ids.ts";
import type { Operation } from "../../../kernel/operation.ts";
import { AfterCommit, FileAnswer } from "../../../kernel/operation.ts";
import { newId } from "../../../platform/crypto/random.ts";
import { createTestDatabase, type TestDatabase } from "../../../platform/db/testing/test-database.ts";
import { startPeer } from "../../../platform/outbound/hostile-network.ts";
import { createOutboundClient } from "../../../platform/outbound/index.ts";
import { createChannel } from "../../channels/index.ts";
import { Keychain, openKeyRing } from "../../keys/index.ts";
import { createApp, createOrganisation } from "../../organisations/index.ts";
import { createFileDeps, type FileDeps, type FileOptions, type FilePlace } from "../deps.ts";
import { createFileOperations } from "../operations/files.ts";

export const operator = { kind: "operator", command: "test" } as const;

export interface Arrived {
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

/** Everything of an app a test needs. */
export interface FileApp {
  readonly tenant: Tenant;
  readonly place: FilePlace;
  readonly channelId: ChannelId;
}

export interface FileStage {
  readonly db: TestDatabase;
  readonly keychain: Keychain;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly arrived: Arrived[];
  /** What the receiver answers; 200 without a body unless the test says otherwise. */
  answer: (arrived: Arrived, response: ServerResponse) => void;
  deps(options?: Partial<Omit<FileOptions, "quotas">> & { quotas?: Partial<FileOptions["quotas"]> }): FileDeps;
  addApp(): Promise<FileApp>;
  /** A token's actor in an app. */
  toActor(app: FileApp, scopes: readonly string[], channelIds?: readonly ChannelId[]): TokenActor;
  /** Runs an operation as the API would: a transaction, then what waits for its end. */
  run(actor: TokenActor, name: string, given?: { input?: object; bytes?: Buffer }): Promise<unknown>;
  countRows(table: string, appId: AppId): Promise<number>;
  close(): Promise<void>;
}

/** Sets the stage. */
export async function createFileStage(): Promise<FileStage> {
  const db = await createTestDatabase();
  const { provider } = openKeyRing(`${db.connection.host}/ring-${db.connection.database}.json`, true);
  const keychain = new Keychain({ database: db.database, provider, clock: systemClock });
  const organisationId = await createOrganisation(db.database, operator, "Test organisation");
  const peer = await startPeer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const arrived = { request, body: Buffer.concat(chunks) };
      stage.arrived.push(arrived);
      stage.answer(arrived, response);
    });
  });
  const outbound = createOutboundClient({ allow: [{ host: "127.0.0.1", port: peer.port }], clock: systemClock });
  const toDeps: FileStage["deps"] = ({ quotas, ...options } = {}) =>
    createFileDeps({
      ...{ database: db.database, keychain, outbound, scanUrl: undefined },
      ...options,
      quotas: { appBytesMax: 100 * 1024 * 1024, ...quotas },
    });
  const operations = createFileOperations(toDeps());
  const stage: FileStage = {
    ...{ db, keychain, origin: `http://127.0.0.1:${peer.port}`, arrived: [], deps: toDeps },
    answer: (_arrived, response) => response.end(),
    async addApp() {
      const tenant = await createApp({ database: db.database, provider, actor: operator }, organisationId, "Test app");
      const sealer = await keychain.sealerFor(tenant, { actor: operator, reason: "test" });
      const settings = { callbackUrl: "https://platform.example/messages" };
      const input = { kind: "custom", name: "Test", settings, credentials: {} };
      const { channelId } = await db.database.withTenant(operator, tenant, (tx) => createChannel(tx, input, sealer));
      return { tenant, channelId, place: { actor: operator, tenant } };
    },
    toActor: ({ tenant }, scopes, channelIds) => ({
      ...{ kind: "token", tokenId: newId("token"), ...tenant, scopes, channelIds },
    }),
    async run(actor, name, { input = {}, bytes = Buffer.alloc(0) } = {}) {
      const found = operations.find((one) => one.name === name) as Operation;
      const origin = { address: "127.0.0.1", userAgent: "", deviceToken: undefined };
      const context = { actor, input, bytes, requestId: "test", origin };
      const result = await db.database.withTenant(actor, actor, (tx) => found.run({ ...context, tx }));
      return result instanceof AfterCommit ? result.work() : result;
    },
    async countRows(table, appId) {
      const rows = await db.asAdmin<{ count: string }>(`select count(*) from ${table} where app_id = $1`, [
        appId.slice(4),
      ]);
      return Number(rows[0]?.count);
    },
    async close() {
      await outbound.close();
      await peer.close();
      keychain.close();
      await db.close();
    },
  };
  return stage;
}

/** Every byte of a file's answer. */
export async function readAnswer(answer: unknown): Promise<Buffer> {
  const chunks: Buffer[] = [];
  if (answer instanceof FileAnswer) for await (const chunk of answer.file.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}
