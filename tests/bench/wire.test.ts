import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWireReader, findHeader } from "./http-wire.ts";
import { createSightingReader, createSightingWriter, part, type Sighting } from "./sightings.ts";

/** Cuts bytes at the given places, sorted and without repeats. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...new Set(places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

const places = fc.array(fc.nat(), { maxLength: 8 });

describe("the HTTP of the harness", () => {
  it("reads the same messages wherever the bytes are cut", () => {
    const bodies = fc.array(fc.string({ maxLength: 40, unit: "grapheme-ascii" }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(bodies, places, (texts, at) => {
        const wire = texts.map((text) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`).join("");
        const found: string[] = [];
        const read = createWireReader(({ body }) => found.push(body.toString()));
        for (const chunk of cut(Buffer.from(wire), at)) read(chunk);
        expect(found).toEqual(texts);
      }),
    );
  });

  it("refuses a transfer coding rather than guess where the message ends", () => {
    const read = createWireReader(() => undefined);
    const chunked = Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect(() => read(chunked)).toThrow("plain HTTP/1.1");
  });

  it("finds a header in any case and nothing else", () => {
    const head = "POST / HTTP/1.1\r\nX-Woztell-Signature: abc=\r\nhost: here";
    expect(findHeader(head, "x-woztell-signature")).toBe("abc=");
    expect(findHeader(head, "signature")).toBeUndefined();
  });
});

describe("what the platform tells the load generator", () => {
  it("arrives as it was seen, wherever the bytes are cut", async () => {
    const chunks: Buffer[] = [];
    const tell = createSightingWriter((bytes) => chunks.push(bytes));
    const seen = [
      { part: part.replied, order: 7, to: 15_550_000_007, from: 155_512_345_678 },
      { part: part.outboundTold, order: 2_000_000_000, to: 0, from: 0 },
    ] as const;
    for (const sighting of seen) tell(sighting);
    await new Promise((resolve) => setImmediate(resolve));
    expect(chunks).toHaveLength(1);
    for (const at of [[], [1], [31, 33], [8, 16, 40]]) {
      const found: Sighting[] = [];
      const read = createSightingReader((sighting) => found.push(sighting));
      for (const chunk of cut(Buffer.concat(chunks), at)) read(chunk);
      expect(found).toMatchObject(seen);
    }
  });
});
