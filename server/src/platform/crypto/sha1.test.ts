import { expect, it } from "vitest";
import { sha1 } from "./sha1.ts";

it("gives the digest of FIPS 180-4 for its sample", () => {
  expect(sha1("abc").toString("hex")).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  expect(sha1(Buffer.from("abc"))).toEqual(sha1("abc"));
});
