import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedRoles } from "../../server/src/platform/db/embedded/index.ts";
import { createTestDatabase, type TestDatabase } from "../../server/src/platform/db/testing/test-database.ts";
import { growTo } from "./growth.ts";

let db: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  db = await createTestDatabase();
  client = new pg.Client({ ...db.connection, user: embeddedRoles.admin });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await db?.close();
});

const tables = ["messages", "receipts", "traces", "replay_keys"] as const;

async function count(): Promise<number[]> {
  const counts = tables.map((table) => `(select count(*)::integer from ${table})`);
  const { rows } = await client.query({ text: `select ${counts.join(", ")}`, rowMode: "array" });
  return rows[0] as number[];
}

it("fills the tables to a size and cuts them to another, whatever hangs on their rows", async () => {
  const ids = "gen_random_uuid(), gen_random_uuid(), gen_random_uuid()";
  await client.query(`set session_replication_role = replica;
    insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
      select ${ids}, gen_random_uuid(), 'inbound', 'member', '\\x00' from generate_series(1, 3);
    insert into receipts (organisation_id, app_id, message_id, status) select ${ids}, 'sent' from generate_series(1, 3);
    insert into traces (organisation_id, app_id, trace_id, channel_id, outcome, content)
      select ${ids}, gen_random_uuid(), 'silent', '\\x00' from generate_series(1, 3);
    insert into replay_keys (organisation_id, app_id, channel_id, replay_key) select ${ids}, '\\x00';
    insert into link_previews (organisation_id, app_id, message_id, content)
      select organisation_id, app_id, message_id, '\\x00' from messages limit 1`);
  const cluster = { run: (statements: string) => client.query(statements) };
  await growTo(cluster, 1_000);
  expect(await count()).toEqual([1_000, 500, 500, 500]);
  await growTo(cluster, 100);
  expect(await count()).toEqual([100, 50, 50, 50]);
});
