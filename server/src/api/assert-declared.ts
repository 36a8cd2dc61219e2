// Checks the declarations of operations before anything is served: no two share a name or a route, every object refuses
// unknown fields, every string and list has a bound, every guard that is waived says why.

import type { z } from "zod";
import { AppError } from "../kernel/errors.ts";
import type { Operation } from "../kernel/operation.ts";
import { apiErrors } from "./errors.ts";
import { toWireSchema, type WireSchema } from "./wire-schema.ts";

const pathTemplate = /^(?:\/(?:[A-Za-z0-9._-]+|\{[A-Za-z]+\}))+$/;
const boundedFormats = new Set(["uuid", "date", "date-time"]);
const reasonLengthMin = 10;

function isSchema(value: unknown): value is WireSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBoundedText(schema: WireSchema): boolean {
  const hasBound = ["maxLength", "enum", "const"].some((key) => schema[key] !== undefined);
  return hasBound || boundedFormats.has(String(schema["format"]));
}

/** What is missing in one node of a schema; undefined when nothing is. */
function findGap(schema: WireSchema): string | undefined {
  if (schema["type"] === "string" && !isBoundedText(schema)) return "a string has no maximum length";
  if (schema["type"] === "array" && schema["maxItems"] === undefined) return "a list has no maximum length";
  const isOpen = schema["properties"] !== undefined && schema["additionalProperties"] !== false;
  return isOpen ? "an object takes unknown fields; use z.strictObject" : undefined;
}

const schemaLists = ["anyOf", "oneOf", "allOf", "prefixItems"];
const schemaMaps = ["properties", "$defs"];
const schemaFields = ["items", "additionalProperties", "propertyNames"];

function listChildren(schema: WireSchema): [string, WireSchema][] {
  const children: [string, unknown][] = schemaFields.map((key) => [key, schema[key]]);
  for (const key of schemaLists) children.push(...Object.entries((schema[key] as WireSchema | undefined) ?? {}));
  for (const key of schemaMaps) children.push(...Object.entries((schema[key] as WireSchema | undefined) ?? {}));
  return children.filter((child): child is [string, WireSchema] => isSchema(child[1]));
}

function listGaps(schema: WireSchema, path: string): string[] {
  const gap = findGap(schema);
  const below = listChildren(schema).flatMap(([name, child]) => listGaps(child, `${path}.${name}`));
  return gap === undefined ? below : [`${path}: ${gap}`, ...below];
}

/** The field names of a schema: of every branch when it is a union. */
function listFields(schema: WireSchema): string[] {
  const branches = [schema["anyOf"], schema["oneOf"]].flat().filter(isSchema);
  return [...Object.keys((schema["properties"] as WireSchema | undefined) ?? {}), ...branches.flatMap(listFields)];
}

function listPartGaps(name: string, part: z.ZodType | undefined): { gaps: string[]; fields: Set<string> } {
  if (part === undefined) return { gaps: [], fields: new Set() };
  const schema = toWireSchema(part, "input");
  return { gaps: listGaps(schema, name), fields: new Set(listFields(schema)) };
}

function listGuardGaps(operation: Operation): string[] {
  const gaps: string[] = [];
  for (const guard of [operation.permission, operation.audit]) {
    if (typeof guard === "object" && guard.none.length < reasonLengthMin) gaps.push("a waived guard does not say why");
  }
  if (typeof operation.permission === "string" && !/^[a-z][A-Za-z]*:[a-z][A-Za-z]*$/.test(operation.permission)) {
    gaps.push("the permission is not `resource:verb`");
  }
  return gaps;
}

function listOperationGaps(operation: Operation): string[] {
  const parts = [
    listPartGaps("params", operation.params),
    listPartGaps("query", operation.query),
    listPartGaps("body", operation.body),
  ];
  const gaps = [...parts.flatMap((part) => part.gaps), ...listGuardGaps(operation)];
  const fields = parts.flatMap((part) => [...part.fields]);
  const repeated = fields.filter((field, index) => fields.indexOf(field) !== index);
  if (repeated.length > 0) gaps.push(`${repeated.join(", ")}: declared in two of params, query and body`);
  const inPath = [...operation.path.matchAll(/\{([A-Za-z]+)\}/g)].map((match) => String(match[1]));
  if (!pathTemplate.test(operation.path)) gaps.push("the path is not a template of plain segments");
  if (inPath.sort().join() !== [...(parts[0]?.fields ?? [])].sort().join()) gaps.push("path and params differ");
  const takesNoBody = operation.method === "GET" || operation.method === "DELETE";
  if (operation.takesBytes === true && (takesNoBody || operation.body !== undefined))
    gaps.push("bytes are its whole body");
  const isChat = operation.path.startsWith("/chat/v1/channels/{channelId}/");
  if (isChat !== (operation.scope === "visitor")) gaps.push("the public chat is for visitors, and visitors for it");
  if (takesNoBody && operation.body !== undefined) gaps.push(`${operation.method} takes no body`);
  return gaps;
}

/** The permissions nobody could hold because the catalogue does not name them. SECURITY: fails closed, and is said. */
function listUnknownPermissions(operations: readonly Operation[], catalogue: readonly string[] | undefined) {
  if (catalogue === undefined) return [];
  return operations
    .filter(({ permission }) => typeof permission === "string" && !catalogue.includes(permission))
    .map(({ name }) => ({ path: name, message: "its permission is not in the catalogue" }));
}

/** Throws `api.misdeclared`, listing every gap of every operation. */
export function assertDeclared(operations: readonly Operation[], catalogue?: readonly string[]): void {
  const seen = new Set<string>();
  const gaps = operations.flatMap((operation) => {
    // Two templates that differ in a parameter's name only are one route.
    const route = `${operation.method} ${operation.path.replaceAll(/\{[A-Za-z]+\}/g, "{}")}`;
    const twice = [operation.name, route].filter((key) => seen.has(key)).map((key) => `${key} is declared twice`);
    seen.add(operation.name).add(route);
    return [...twice, ...listOperationGaps(operation)].map((message) => ({ path: operation.name, message }));
  });
  gaps.push(...listUnknownPermissions(operations, catalogue));
  if (gaps.length === 0) return;
  const note = gaps.map((gap) => `${gap.path}: ${gap.message}`).join("; ");
  throw new AppError(apiErrors.misdeclared, { mistakes: gaps, note });
}
