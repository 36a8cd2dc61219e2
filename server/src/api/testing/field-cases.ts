// What a body must not hold, field by field: from the schema an operation declares and one good body, every value of another
// type, too long, too many, out of range, and every object with a field it does not know.

import type { WireSchema } from "../wire-schema.ts";

/** A body that must be refused, and the field the refusal must name where that is certain. */
export interface FieldCase {
  readonly title: string;
  readonly path?: string;
  readonly body: unknown;
}

interface Spot {
  readonly schema: WireSchema;
  readonly value: unknown;
  readonly path: string;
  /** The whole body with this spot's value replaced. */
  readonly put: (value: unknown) => unknown;
  /** Inside a union a mistake may be reported elsewhere. */
  readonly isCertain: boolean;
}

const itemsMax = 1_100;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toCase(spot: Spot, what: string, value: unknown): FieldCase {
  const path = spot.isCertain && spot.path !== "" ? { path: spot.path } : {};
  return { ...path, title: `${spot.path === "" ? "the body" : spot.path} ${what}`, body: spot.put(value) };
}

function listValueCases(spot: Spot): FieldCase[] {
  const { schema } = spot;
  const isTyped = schema["type"] !== undefined || schema["enum"] !== undefined || schema["const"] !== undefined;
  if (!isTyped) return [];
  const cases = [toCase(spot, "of another type", schema["type"] === "object" ? "text" : { $gt: "" })];
  const { maxLength, maxItems, maximum, minimum } = schema as Record<string, unknown>;
  if (typeof maxLength === "number") cases.push(toCase(spot, "too long", "x".repeat(maxLength + 1)));
  if (typeof maxItems === "number" && maxItems < itemsMax && Array.isArray(spot.value)) {
    const items = Array.from({ length: maxItems + 1 }, () => (spot.value as unknown[])[0] ?? "x");
    cases.push(toCase(spot, "with too many entries", items));
  }
  if (schema["type"] !== "integer") return cases;
  cases.push(toCase(spot, "that is no whole number", 1.5));
  if (typeof maximum === "number" && maximum < 2 ** 40) cases.push(toCase(spot, "too large", maximum + 1));
  if (typeof minimum === "number" && minimum > -(2 ** 40)) cases.push(toCase(spot, "too small", minimum - 1));
  return cases;
}

function listSpotsBelow(spot: Spot): Spot[] {
  const { schema, value, path, put, isCertain } = spot;
  const branches = [schema["anyOf"], schema["oneOf"], schema["allOf"]].flat().filter(isObject);
  const spots = branches.map((branch): Spot => ({ ...spot, schema: branch, isCertain: false }));
  if (Array.isArray(value) && isObject(schema["items"]) && value.length > 0) {
    const putItem = (item: unknown): unknown => put([item, ...value.slice(1)]);
    spots.push({ schema: schema["items"], value: value[0], path: `${path}[0]`, put: putItem, isCertain });
  }
  const properties = (schema["properties"] as Record<string, WireSchema> | undefined) ?? {};
  if (!isObject(value)) return spots;
  for (const [name, below] of Object.entries(properties)) {
    const putField = (field: unknown): unknown => put({ ...value, [name]: field });
    const at = path === "" ? name : `${path}.${name}`;
    spots.push({ schema: below, value: value[name], path: at, put: putField, isCertain });
  }
  return spots;
}

function listSpotCases(spot: Spot): FieldCase[] {
  const below = listSpotsBelow(spot).flatMap(listSpotCases);
  // A union's branches are judged one by one; a value that is wrong for one may be right for another.
  const isBranch = !spot.isCertain && spot.path === "";
  const own = spot.path === "" || isBranch || !spot.isCertain ? [] : listValueCases(spot);
  if (!isObject(spot.value) || spot.schema["additionalProperties"] !== false) return [...own, ...below];
  const path = spot.path === "" ? "isAdmin" : `${spot.path}.isAdmin`;
  const stranger = toCase(spot, "with an unknown field", { ...spot.value, isAdmin: true });
  return [...own, spot.isCertain ? { ...stranger, path } : stranger, ...below];
}

/** Every such body. Values inside of unions are only given unknown fields. */
export function listFieldCases(schema: WireSchema, body: unknown): FieldCase[] {
  return listSpotCases({ schema, value: body, path: "", put: (value) => value, isCertain: true });
}
