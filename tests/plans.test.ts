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
  inbound_events: /event_id|lane/,
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
  readonly "Parent Relationship"?: string;
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

/** Whether a question asked of each row is answered by reading, once for all, what every app has. */
function readsAllAhead(node: Node): boolean {
  if (node["Parent Relationship"] !== "SubPlan") return false;
  return listNodes(node).some((inner) => {
    const key = keys[inner["Relation Name"] ?? ""];
    return key !== undefined && !key.test(`${inner["Index Cond"]} ${inner["Recheck Cond"]}`);
  });
}

function isBad(node: Node): boolean {
  return readsTooMuch(node) || comparesAll(node) || readsAllAhead(node);
}

const samples: Readonly<Record<string, string>> = {
  uuid: "gen_random_uuid()",
  integer: "1",
  bigint: "1",
  smallint: "1",
  text: "'x'",
  // As long as a digest.
  bytea: "decode(repeat('00', 32), 'hex')",
  boolean: "true",
  "timestamp with time zone": "now()",
  "double precision": "1",
};

function toSample(type: string): string {
  const one = samples[type.replace(/\[\]$/, "")];
  if (one === undefined) throw new RangeError(`no sample of ${type}`);
  return type.endsWith("[]") ? `array[${one}]::${type}` : `${one}::${type}`;
}

/** The declared look-ups whose function names a table that grows. */
async function listGrowingLookUps(): Promise<{ readonly name: string; readonly text: string }[]> {
  const tables = `\\m(${Object.keys(keys).join("|")})\\M`;
  const { rows } = await client.query("select proname from pg_proc where proname ~ '^parley_' and prosrc ~ $1", [
    tables,
  ]);
  const functions = new Set(rows.map((row) => String(row.proname)));
  return listStatements().filter(({ text }) => functions.has(/ from (parley_[a-z_]+)\(/.exec(text)?.[1] ?? ""));
}

/** Calls a function of the schema with one of everything and returns the plans of the statements it ran. */
async function runFunction(text: string): Promise<Node[]> {
  const plans: Node[] = [];
  const note = ({ message = "" }: { readonly message?: string | undefined }): void => {
    const found = /plan:\s*(\{[^]*\})\s*$/.exec(message)?.[1];
    if (found !== undefined) plans.push((JSON.parse(found) as { Plan: Node }).Plan);
  };
  await client.query(`prepare asked as ${text}`);
  const { rows } = await client.query(
    "select parameter_types::text[] as types from pg_prepared_statements where name = 'asked'",
  );
  const values = (rows[0].types as string[]).map(toSample);
  client.on("notice", note);
  await client.query("begin");
  await client.query(`execute asked${values.length === 0 ? "" : `(${values.join(", ")})`}`);
  await client.query("rollback");
  client.off("notice", note);
  await client.query("deallocate asked");
  return plans.flatMap(listNodes);
}

describe("kept plans", () => {
  it("find rows by their keys in every table that grows", async () => {
    const bad: string[] = [];
    let scans = 0;
    for (const { name, text } of listStatements()) {
      const { rows } = await client.query(`explain (generic_plan, format json) ${text}`);
      const nodes = listNodes((rows[0]["QUERY PLAN"] as [{ Plan: Node }])[0].Plan);
      scans += nodes.filter((node) => keys[node["Relation Name"] ?? ""] !== undefined).length;
      if (nodes.some(isBad)) bad.push(name);
    }
    expect(bad).toEqual([]);
    expect(scans).toBeGreaterThan(150);
  });

  it("do so in functions, too, which look for tenants before one is entered", async () => {
    await client.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_level = 'notice';
      set auto_explain.log_nested_statements = on; set auto_explain.log_format = json`);
    const bad: string[] = [];
    let scans = 0;
    for (const { name, text } of await listGrowingLookUps()) {
      const nodes = await runFunction(text);
      const growing = nodes.filter((node) => keys[node["Relation Name"] ?? ""] !== undefined);
      scans += growing.length;
      if (nodes.some(isBad)) bad.push(name);
    }
    expect(bad).toEqual([]);
    expect(scans).toBeGreaterThan(10);
  });

  it("would be noticed", async () => {
    await db.asAdmin("delete from pg_statistic where starelid = 'webhook_deliveries'::regclass");
    const text = `update webhook_deliveries d set attempts = 1 from unnest($3::uuid[]) as x (delivery_id)
      where d.organisation_id = $1 and d.app_id = $2 and d.delivery_id = x.delivery_id and d.state = 'pending'`;
    const { rows } = await client.query(`explain (generic_plan, format json) ${text}`);
    const nodes = listNodes((rows[0]["QUERY PLAN"] as [{ Plan: Node }])[0].Plan);
    expect(nodes.some(isBad)).toBe(true);
  });

  it("would be noticed in a function", async () => {
    await client.query(`create function mistaken(organisations uuid[], apps uuid[], lanes integer[]) returns table (found boolean)
      language plpgsql as $$ begin return query select exists (select from outbox o
        where o.organisation_id = x.organisation_id and o.app_id = x.app_id and o.lane = x.lane)
      from unnest(organisations, apps, lanes) as x (organisation_id, app_id, lane); end $$`);
    const nodes = await runFunction("select found from mistaken($1, $2, $3)");
    expect(nodes.some(isBad)).toBe(true);
  });
});
