import { createSocket, type Socket } from "node:dgram";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGuardedLookup, createPublicLookup } from "./resolve.ts";

const typeA = 1;
const typeAAAA = 28;
const zone: Record<string, Record<number, Buffer[]>> = {
  "both.example": {
    [typeA]: [Buffer.from([8, 8, 8, 8])],
    [typeAAAA]: [Buffer.from("20010200".padEnd(32, "1"), "hex")],
  },
  "four.example": { [typeA]: [Buffer.from([8, 8, 4, 4])] },
  "mixed.example": { [typeA]: [Buffer.from([8, 8, 8, 8])], [typeAAAA]: [Buffer.from("1".padStart(32, "0"), "hex")] },
};

/** Answers one DNS question from `zone` (RFC 1035 4.1). */
function toReply(query: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("ascii", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const records = zone[labels.join(".").toLowerCase()];
  const type = query.readUInt16BE(at + 1);
  const answers = (records?.[type] ?? []).map((data) => {
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
    return Buffer.concat([head, data]);
  });
  const header = Buffer.from([
    query[0] ?? 0,
    query[1] ?? 0,
    0x81,
    records ? 0x80 : 0x83,
    0,
    1,
    0,
    answers.length,
    0,
    0,
    0,
    0,
  ]);
  return Buffer.concat([header, query.subarray(12, at + 5), ...answers]);
}

describe("lookup of public names", () => {
  let server: Socket;
  let servers: string[];

  beforeAll(async () => {
    server = createSocket("udp4");
    server.on("message", (query, from) => server.send(toReply(query), from.port, from.address));
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
    servers = [`127.0.0.1:${server.address().port}`];
  });
  afterAll(() => server.close());

  function lookUp(hostname: string, guarded = false): Promise<unknown> {
    const lookup = createPublicLookup(servers);
    const asked = guarded ? createGuardedLookup(lookup) : lookup;
    return new Promise((resolve, reject) => {
      asked(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
    });
  }

  it("asks DNS for both families, IPv4 first", async () => {
    expect(await lookUp("both.example", true)).toEqual([
      { address: "8.8.8.8", family: 4 },
      { address: "2001:200:1111:1111:1111:1111:1111:1111", family: 6 },
    ]);
  });

  it("one family is enough", async () => {
    expect(await lookUp("four.example")).toEqual([{ address: "8.8.4.4", family: 4 }]);
  });

  it("a public IPv4 address beside a loopback IPv6 address is refused", async () => {
    await expect(lookUp("mixed.example", true)).rejects.toMatchObject({ code: "outbound.not_allowed" });
  });

  it("an unknown name fails, and the hosts file is not asked", async () => {
    await expect(lookUp("unknown.example")).rejects.toMatchObject({ code: "outbound.failed" });
    await expect(lookUp("localhost")).rejects.toMatchObject({ code: "outbound.failed" });
  });
});
