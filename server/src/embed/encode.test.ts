import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { chooseEncoding, encode } from "./encode.ts";

const body = Buffer.from("let something = 1;\n".repeat(50));
const encodings = encode(body, "sha384-abc");
const codingFor = (accepted?: string) => chooseEncoding(encodings, accepted).coding;

describe("a file in each coding", () => {
  it("is the same file when it is decoded, and smaller before", () => {
    const [br, gzip, plain] = encodings;
    expect(brotliDecompressSync(br?.body ?? "")).toEqual(body);
    expect(gunzipSync(gzip?.body ?? "")).toEqual(body);
    expect(plain?.body).toBe(body);
    expect(br?.body.length).toBeLessThan(body.length);
  });

  it("has a tag of its own, as other bytes must", () => {
    expect(encodings.map(({ tag }) => tag)).toEqual(['"sha384-abc-br"', '"sha384-abc-gzip"', '"sha384-abc"']);
  });

  it("is as it is where a coding would make it longer", () => {
    expect(encode(Buffer.from("1"), "x").map(({ coding }) => coding)).toEqual([undefined]);
  });
});

describe("the coding", () => {
  it.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["GZIP", "gzip"],
    ["br;q=0.5, gzip;q=0.9", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["*", "br"],
    ["br;q=0, *;q=0.1", "gzip"],
  ])("is the best of those wanted most: %s", (accepted, coding) => {
    expect(codingFor(accepted)).toBe(coding);
  });

  it.each([undefined, "", "identity", "deflate, zstd", "gzip;q=0, br;q=0", "*;q=0", "gzip;q=2", "gzip;q=", ";,;q=1"])(
    "is none for who names none that can be sent: %s",
    (accepted) => {
      expect(codingFor(accepted)).toBeUndefined();
    },
  );
});
