import { describe, expect, it } from "vitest";
import type { Operation } from "../kernel/operation.ts";
import { createSampleServer, sendThing } from "./testing/sample-api.ts";

const json = { authorization: "Bearer holder", "content-type": "application/json" };

describe("the body of a request", () => {
  it.each(["null", "[]", "5", '{"a":1}'])("takes no body %s where none is declared", async (payload) => {
    const { body: _body, ...bodiless } = sendThing as Operation;
    const { server } = createSampleServer({ operations: [bodiless] });
    const answer = await server.inject({ method: "POST", url: "/api/v1/send", headers: json, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "api.invalid_request"]);
  });
});
