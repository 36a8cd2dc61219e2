import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Operation } from "../kernel/operation.ts";
import { openApiPath } from "./build-api.ts";
import { buildOpenApi } from "./openapi.ts";
import { changeThing, createSampleServer, listThings, sendThing } from "./testing/sample-api.ts";

interface Document {
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: {
    schemas: Record<string, unknown>;
    responses: Record<string, unknown>;
    parameters: Record<string, unknown>;
  };
}

const operations: Operation[] = [listThings, changeThing, sendThing];

function listReferences(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => (name === "$ref" ? [String(child)] : listReferences(child)));
}

describe("the OpenAPI document", () => {
  it("is the same text whatever the order of the operations", () => {
    const forth = JSON.stringify(buildOpenApi(operations));
    expect(JSON.stringify(buildOpenApi([...operations].reverse()))).toBe(forth);
  });

  it("shows every operation with its guards, parameters, body and refusals", () => {
    const { paths } = buildOpenApi(operations) as Document;
    expect(paths["/api/v1/things/{thingId}"]?.["post"]).toMatchObject({
      operationId: "things.change",
      "x-parley-permission": "things:write",
      "x-parley-audit": "thing.changed",
      "x-parley-rate": "write",
      parameters: [
        { name: "thingId", in: "path", required: true, schema: { type: "string", pattern: "^chn_[0-9a-f]{32}$" } },
        { $ref: "#/components/parameters/App" },
        { $ref: "#/components/parameters/Csrf" },
        { $ref: "#/components/parameters/IdempotencyKey" },
      ],
      requestBody: { content: { "application/json": { schema: { additionalProperties: false, required: ["name"] } } } },
    });
    expect(paths["/api/v1/things"]?.["get"]?.["parameters"]).toEqual([
      {
        name: "first",
        in: "query",
        required: false,
        schema: { type: "integer", minimum: 1, maximum: 100, default: 20 },
      },
      { $ref: "#/components/parameters/App" },
    ]);
    const responses = Object.keys(paths["/api/v1/things/{thingId}"]?.["post"]?.["responses"] ?? {});
    expect(responses).toEqual(["200", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"]);
  });

  it("has no reference that leads nowhere, also when schemas share a named part", () => {
    const Part = z.strictObject({ a: z.string().max(3) }).meta({ id: "Part" });
    const body = z.strictObject({ one: Part, two: Part });
    const document = buildOpenApi([{ ...(changeThing as Operation), body }]) as Document;
    expect(document.components.schemas).toHaveProperty("Part");
    for (const reference of listReferences(document)) {
      const [, , kind = "", name = ""] = reference.split("/");
      expect(document.components).toHaveProperty([kind, name]);
    }
  });

  it("is served without a token", async () => {
    const answer = await createSampleServer().server.inject(openApiPath);
    expect(answer.json()).toEqual(buildOpenApi(operations));
  });
});
