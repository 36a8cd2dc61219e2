import { describe, expect, it } from "vitest";
import { z } from "zod";
import { idOf } from "../../kernel/id-schema.ts";
import type { Operation } from "../../kernel/operation.ts";
import { refusalCases, strangerCases } from "./refusal-cases.ts";
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
    expect(JSON.parse(String(long?.payload ?? "{}")).name).toHaveLength(21);
  });

  it("sends the prototype name as text, where a literal would lose it", () => {
    const polluted = cases.find((one) => one.path === "__proto__");
    expect(polluted?.payload).toBe('{"__proto__":{"isAdmin":true},"name":"n","notes":["a"]}');
  });

  it("asks nobody without a permission to hold one", () => {
    const open: Operation = { ...(listThings as Operation), permission: { none: "Everybody may read this." } };
    expect(statusesOf(refusalCases(open, {}))).not.toContain(403);
  });

  it("demands of one that takes bytes that nothing else is taken for bytes, nor too many", () => {
    const inBytes: Operation = { ...(listThings as Operation), method: "POST", takesBytes: true, bodyBytesMax: 10 };
    const cases = refusalCases(inBytes, { bytes: Buffer.from("x") });
    expect(statusesOf(cases)).toEqual([400, 401, 403, 405, 413, 415, 429]);
    expect(cases.find(({ status }) => status === 413)?.payload).toHaveLength(11);
    const [stranger] = strangerCases(inBytes, { bytes: Buffer.from("x") }, ["app_id"]);
    expect(stranger?.url).toContain("app_id=1");
  });

  it("demands no token of whoever begins a chat, and none of a channel that is no id but that it is unknown", () => {
    const params = z.strictObject({ channelId: idOf("channel") });
    const path = "/chat/v1/channels/{channelId}/start";
    const begins: Operation = { ...(listThings as Operation), scope: "visitor", begins: true, path, params };
    const chat = refusalCases(begins, { params: { channelId: thingId } });
    expect(statusesOf(chat)).not.toContain(401);
    expect(chat.find(({ title }) => title === "channelId that is no id")?.status).toBe(404);
  });
});
