import { expect, it } from "vitest";
import { drawBytes } from "../../server/src/platform/crypto/random.ts";
import { createFinder } from "./find-texts.ts";

const texts = Array.from({ length: 40 }, () => `marker${drawBytes(12).toString("hex")}`);
const find = createFinder(texts);

it("finds each text in clear, in hex and in base64, at every place and at either end", () => {
  for (const text of texts) {
    for (const around of [0, 1, 2, 3, 50]) {
      const whole = Buffer.concat([drawBytes(around), Buffer.from(text), drawBytes(around)]);
      const written = [whole.toString("latin1"), whole.toString("hex"), whole.toString("base64")];
      for (const one of written) expect([...find(Buffer.from(one, "latin1"))], one).toEqual([text]);
    }
  }
});

it("finds all of several, and nothing where one byte is missing or another", () => {
  expect(find(Buffer.from(texts.join(""))).size).toBe(texts.length);
  const [text = ""] = texts;
  for (let at = 0; at < text.length; at += 1) {
    const [head, tail] = [text.slice(0, at), text.slice(at + 1)];
    for (const other of [head + tail, `${head}~${tail}`]) expect(find(Buffer.from(other)).size).toBe(0);
  }
  expect(find(Buffer.alloc(3)).size).toBe(0);
});
