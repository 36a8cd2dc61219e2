// Kept plans. Statements are planned once, perhaps while a table is empty; each must still find its rows by their keys, and
// not read all that an app has, when the table has grown.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "../server/src/compose.ts";
import { embeddedRoles } from "../server/src/platform/db/embedded/index.ts";
import { listStatements, sessionOptions } from "../server/src/platform/db/index.ts";
import { createTestDatabase, type TestDatabase } from "../server/src/platform/db/testing/test-database.ts";

/** The tables that grow with use, and what names a row in each. */
const keys: Readonly<Record<string, RegExp>> = {
  members: /member_id|external_key/,
  conversations: /conversation_id|member_id/,
  messages: /message_id/,
  receipts: /message_id|platform_key/,
  replay_keys: /replay_key/,
  inbound_events: /event_id/,
  outbox: /sequence|lane/,
  traces: /trace_id/,
  webhook_deliveries: /delivery_id/,
  webhook_attempts: /delivery_id/,
  idempotency_keys: /key_hash/,
  files: /file_id|remote_key/,
  file_chunks: /file_id/,
  visitors: /visitor_id/,
  visitor_nonces: /nonce/,
  link_previews: /message_id/,
};

interface Node {
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Recheck Cond"?: string;
  readonly Filter?: string;
  readonly "Join Filter"?: string;
  readonly "Node Type": string;
  readonly Plans?: readonly Node[];
}

let db: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  db = await createTestDatabase();
  client = new pg.Client({ ...db.connection, user: embeddedRoles.admin, options: sessionOptions });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.close();
});

function listNodes(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}

/** Whether a scan is told which row is wanted and yet looks for it among all rows of the app. */
function readsTooMuch(node: Node): boolean {
  const key = keys[node["Relation Name"] ?? ""];
  if (key === undefined) return false;
  const filter = node.Filter ?? "";
  const condition = `${node["Index Cond"]} ${node["Recheck Cond"]}`;
  const wants = filter
    .split(/ (?:AND|OR) /)
    .some((part) => / = /.test(part) && key.test(part) && !/IS NULL/.test(filter));
  return (wants && !key.test(condition)) || /Seq Scan/.test(node["Node Type"]);
}

/** Whether rows of a growing table are joined by comparing each with each. */
function comparesAll(node: Node): boolean {
  if (node["Join Filter"] === undefined) return false;
  return listNodes(node).some((inner) => {
    const key = keys[inner["Relation Name"] ?? ""];
    return key !== undefined && key.test(node["Join Filter"] ?? "") && !key.test(inner["Index Cond"] ?? "");
  });
}

describe("kept plans", () => {
  it("find rows by their keys in every table that grows", async () => {
    const bad: string[] = [];
    let scans = 0;
    for (const { name, text } of listStatements()) {
      const { rows } = await client.query(`explain (generic_plan, format json) ${text}`);
      const nodes = listNodes((rows[0]["QUERY PLAN"] as [{ Plan: Node }])[0].Plan);
      scans += nodes.filter((node) => keys[node["Relation Name"] ?? ""] !== undefined).length;
      if (nodes.some((node) => readsTooMuch(node) || comparesAll(node))) bad.push(name);
    }
    expect(bad).toEqual([]);
    expect(scans).toBeGreaterThan(150);
  });

  it("would be noticed", async () => {
    await db.asAdmin("delete from pg_statistic where starelid = 'webhook_deliveries'::regclass");
    const text = `update webhook_deliveries d set attempts = 1 from unnest($3::uuid[]) as x (delivery_id)
      where d.organisation_id = $1 and d.app_id = $2 and d.delivery_id = x.delivery_id and d.state = 'pending'`;
    const { rows } = await client.query(`explain (generic_plan, format json) ${text}`);
    const nodes = listNodes((rows[0]["QUERY PLAN"] as [{ Plan: Node }])[0].Plan);
    expect(nodes.some((node) => readsTooMuch(node) || comparesAll(node))).toBe(true);
  });
});
