// The OpenAPI 3.1 document of the registry. Deterministic: the same operations give the same text, whatever their order,
// so that the checked-in copy differs only when the interface does.

import { AppError } from "../kernel/errors.ts";
import type { Operation } from "../kernel/operation.ts";
import { apiErrors } from "./errors.ts";
import { listPlaceParameters, listSecurity, problemResponses, sharedComponents } from "./openapi-components.ts";
import { toWireSchema, type WireSchema } from "./wire-schema.ts";

/** Schemas that carry an id of their own, collected from all operations. */
type SharedSchemas = Map<string, WireSchema>;

/** SECURITY: names come from our own schemas; a plain object with sorted names is what JSON needs. */
function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, child]) => [name, sortNames(child)]));
}

function moveReferences(value: unknown, where: string): unknown {
  if (Array.isArray(value)) return value.map((child) => moveReferences(child, where));
  if (typeof value !== "object" || value === null) return value;
  const moved = Object.entries(value).map(([name, child]) => {
    if (name !== "$ref" || typeof child !== "string") return [name, moveReferences(child, where)];
    if (child.startsWith("#/$defs/")) return [name, child.replace("#/$defs/", "#/components/schemas/")];
    const note = `${where}: a schema that contains itself needs an id, given by .meta({ id })`;
    throw new AppError(apiErrors.misdeclared, { note });
  });
  return Object.fromEntries(moved) as unknown;
}

/** A schema without its private definitions, which go to `shared`. */
function place(schema: WireSchema, shared: SharedSchemas, where: string): WireSchema {
  const { $schema: _dialect, $defs: definitions, ...own } = schema;
  for (const [id, definition] of Object.entries((definitions as Record<string, WireSchema> | undefined) ?? {})) {
    const moved = sortNames(moveReferences(definition, where)) as WireSchema;
    const known = shared.get(id);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(moved)) {
      throw new AppError(apiErrors.misdeclared, { note: `${where}: the schema id ${id} stands for two things` });
    }
    shared.set(id, moved);
  }
  return moveReferences(own, where) as WireSchema;
}

function listParameters(operation: Operation, place: "path" | "query", schema: WireSchema | undefined): object[] {
  const required = (schema?.["required"] as readonly string[] | undefined) ?? [];
  const properties = (schema?.["properties"] as Record<string, WireSchema> | undefined) ?? {};
  return Object.entries(properties).map(([name, field]) => {
    const { description, ...form } = field;
    const isRequired = place === "path" || required.includes(name);
    return { name, in: place, required: isRequired, ...(description !== undefined && { description }), schema: form };
  });
}

function toParameters(operation: Operation, shared: SharedSchemas): object[] {
  const toPart = (schema: Operation["params"]) =>
    schema && place(toWireSchema(schema, "input"), shared, operation.name);
  return [
    ...listParameters(operation, "path", toPart(operation.params)),
    ...listParameters(operation, "query", toPart(operation.query)),
    ...listPlaceParameters(operation),
    ...(operation.method === "POST" && operation.scope === "app"
      ? [{ $ref: "#/components/parameters/IdempotencyKey" }]
      : []),
  ];
}

function toSuccess(operation: Operation, shared: SharedSchemas): object {
  if (operation.successStatus === 204) return { description: "Done; there is nothing to say." };
  const schema = place(toWireSchema(operation.output, "output"), shared, operation.name);
  const mediaType = operation.answers ?? "application/json";
  return { description: operation.summary, content: { [mediaType]: { schema } } };
}

const bytesBody = {
  required: true,
  content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
};

function toEntry(operation: Operation, shared: SharedSchemas): object {
  const parameters = toParameters(operation, shared);
  const schema = operation.body && place(toWireSchema(operation.body, "input"), shared, operation.name);
  return {
    operationId: operation.name,
    summary: operation.summary,
    tags: [operation.name.slice(0, operation.name.indexOf("."))],
    ...(parameters.length > 0 && { parameters }),
    ...(schema && { requestBody: { required: true, content: { "application/json": { schema } } } }),
    ...(operation.takesBytes === true && { requestBody: bytesBody }),
    responses: { [operation.successStatus ?? 200]: toSuccess(operation, shared), ...problemResponses(operation) },
    security: listSecurity(operation),
    "x-parley-audit": operation.audit,
    "x-parley-permission": operation.permission,
    "x-parley-rate": operation.rate,
    "x-parley-scope": operation.scope,
    ...(operation.stepUp && { "x-parley-step-up": true }),
  };
}

/** The document. Throws `api.misdeclared` for a schema it cannot show. */
export function buildOpenApi(operations: readonly Operation[]): object {
  const shared: SharedSchemas = new Map();
  const paths: Record<string, Record<string, object>> = {};
  const sorted = [...operations].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const operation of sorted) {
    const entry = toEntry(operation, shared);
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: entry };
  }
  const { schemas, ...others } = sharedComponents();
  return sortNames({
    openapi: "3.1.1",
    info: {
      title: "Parley",
      version: "1",
      description:
        "Every operation of Parley. A token acts in exactly one app, with its scopes and never more than its maker may do; a person acts where the headers say.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    paths,
    components: { ...others, schemas: { ...Object.fromEntries(shared), ...schemas } },
  }) as object;
}
