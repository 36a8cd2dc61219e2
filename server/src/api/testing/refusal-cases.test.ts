import { describe, expect, it } from "vitest";
import type { Operation } from "../../kernel/operation.ts";
import { refusalCases } from "./refusal-cases.ts";
import { absentId, changeThing, listThings, thingId } from "./sample-api.ts";

const statusesOf = (cases: readonly { status: number }[]) => [...new Set(cases.map((one) => one.status))].sort();

describe("the refusal sweep", () => {
  const sample = { params: { thingId }, absent: { thingId: absentId }, body: { name: "n", notes: ["a"] } };
  const cases = refusalCases(changeThing as Operation, sample);

  it("demands every kind of refusal of an operation with a body", () => {
    expect(statusesOf(cases)).toEqual([400, 401, 403, 404, 405, 413, 415, 429]);
  });

  it("demands of one without a body what can go wrong without one", () => {
    expect(statusesOf(refusalCases(listThings as Operation, {}))).toEqual([400, 401, 403, 405, 429]);
  });

  it("makes each field of the body of another type, and each bounded text too long", () => {
    const titles = cases.map((one) => one.title);
    expect(titles).toEqual(expect.arrayContaining(["name of another type", "notes of another type", "name too long"]));
    const long = cases.find((one) => one.title === "name too long");
    expect(JSON.parse(long?.payload ?? "{}").name).toHaveLength(21);
  });

  it("sends the prototype name as text, where a literal would lose it", () => {
    const polluted = cases.find((one) => one.path === "__proto__");
    expect(polluted?.payload).toBe('{"__proto__":{"isAdmin":true},"name":"n","notes":["a"]}');
  });

  it("asks nobody without a permission to hold one", () => {
    const open: Operation = { ...(listThings as Operation), permission: { none: "Everybody may read this." } };
    expect(statusesOf(refusalCases(open, {}))).not.toContain(403);
  });
});
