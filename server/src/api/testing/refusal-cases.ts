// The refusal sweep: from the declaration of an operation and one good request, every request that it must refuse. A test
// that runs the cases of every operation demands 400, 401, 403, 404, 405, 413, 415 and 429 of each, with none forgotten.

import type { Operation } from "../../kernel/operation.ts";
import { bodyBytesMaxDefault } from "../../platform/http/index.ts";
import { toWireSchema } from "../wire-schema.ts";
import { listFieldCases } from "./field-cases.ts";

/** One good request: the fields of each part. */
export interface Sample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The body of an operation that takes bytes. */
  readonly bytes?: Buffer;
  /** Path fields that are well formed and name nothing: what another tenant's would look like. */
  readonly absent?: Readonly<Record<string, string>>;
}

/** Who asks: a token with the permission, one without any, or nobody. */
export type Asker = "holder" | "unscoped" | "nobody";

export interface RefusalCase {
  readonly title: string;
  readonly status: number;
  /** The field the problem must name. */
  readonly path?: string;
  /** The code it must have, where another guard would refuse with the same status. */
  readonly code?: string;
  readonly asker: Asker;
  readonly method: string;
  readonly url: string;
  readonly contentType?: string;
  readonly payload?: string | Buffer;
  /** Sent again and again until it is refused. */
  readonly isRepeated?: boolean;
}

function toUrl(operation: Operation, sample: Sample, changes: { params?: object; query?: object } = {}): string {
  const params: Record<string, string> = { ...sample.params, ...changes.params };
  const path = operation.path.replaceAll(/\{([A-Za-z]+)\}/g, (_match, name: string) => params[name] ?? "");
  const query = new URLSearchParams({ ...sample.query, ...changes.query }).toString();
  return query === "" ? path : `${path}?${query}`;
}

const octets = "application/octet-stream";

function good(operation: Operation, sample: Sample): Omit<RefusalCase, "title" | "status"> {
  return {
    asker: "holder",
    method: operation.method,
    url: toUrl(operation, sample),
    ...(operation.body && { contentType: "application/json", payload: JSON.stringify(sample.body ?? {}) }),
    ...(operation.takesBytes && { contentType: octets, payload: sample.bytes ?? Buffer.from("x") }),
  };
}

function withBody(sample: Sample, changes: object): { payload: string } {
  return { payload: JSON.stringify({ ...sample.body, ...changes }) };
}

function listBodyCases(operation: Operation, sample: Sample): RefusalCase[] {
  if (operation.body === undefined) return [];
  const base = good(operation, sample);
  const { contentType: _contentType, ...untyped } = base;
  const polluted = `{"__proto__":{"isAdmin":true},${JSON.stringify(sample.body ?? {}).slice(1)}`.replace(",}", "}");
  const large = " ".repeat((operation.bodyBytesMax ?? bodyBytesMaxDefault) + 1);
  return [
    {
      ...base,
      ...withBody(sample, { organisationId: "x" }),
      title: "an unknown field",
      status: 400,
      path: "organisationId",
    },
    { ...base, payload: polluted, title: "a prototype name", status: 400, path: "__proto__" },
    { ...base, payload: "{", title: "broken JSON", status: 400 },
    { ...base, payload: "[]", title: "a list for an object", status: 400 },
    { ...base, payload: "null", title: "null for an object", status: 400 },
    { ...base, payload: large, title: "a body too large", status: 413 },
    { ...untyped, title: "no media type", status: 415 },
    { ...base, contentType: "text/plain", title: "another media type", status: 415 },
    { ...base, contentType: "application/json; charset=utf-16", title: "another charset", status: 415 },
    ...listFieldCases(toWireSchema(operation.body, "input"), sample.body ?? {}).map(
      ({ body, ...refusal }): RefusalCase => ({ ...base, ...refusal, status: 400, payload: JSON.stringify(body) }),
    ),
  ];
}

/** What an operation that takes bytes must refuse: anything that is not announced as bytes, and too many of them. */
function listBytesCases(operation: Operation, sample: Sample): RefusalCase[] {
  if (operation.takesBytes !== true) return [];
  const base = good(operation, sample);
  const { contentType: _contentType, ...untyped } = base;
  const large = Buffer.alloc((operation.bodyBytesMax ?? bodyBytesMaxDefault) + 1, "x");
  return [
    { ...base, payload: large, title: "a body too large", status: 413 },
    { ...untyped, title: "no media type", status: 415 },
    { ...base, contentType: "application/json", payload: "{}", title: "JSON for bytes", status: 415 },
    { ...base, contentType: "multipart/form-data; boundary=x", title: "a form for bytes", status: 415 },
    { ...base, contentType: "text/plain", title: "another media type", status: 415 },
  ];
}

/** An address that names no channel is none of the public chat's, which looks at nothing else before. */
function toNonsense(operation: Operation, path: string): { status: number; path?: string; code?: string } {
  const isPlace = operation.scope === "visitor" && path === "channelId";
  return isPlace ? { status: 404, code: "api.unknown_channel" } : { status: 400, path };
}

function listAddressCases(operation: Operation, sample: Sample): RefusalCase[] {
  const base = good(operation, sample);
  const inQuery = (query: object) => ({ ...base, url: toUrl(operation, sample, { query }) });
  const names = Object.keys(operation.params?.shape ?? {});
  const cases: RefusalCase[] = [
    { ...inQuery({ unknownField: "1" }), title: "an unknown query field", status: 400, path: "unknownField" },
    {
      ...inQuery({ access_token: "x" }),
      title: "a token in the address",
      status: 400,
      path: "access_token",
      code: "api.token_in_address",
    },
    { ...base, method: "TRACE", title: "a method it does not take", status: 405 },
    ...names.map((path): RefusalCase => {
      const url = toUrl(operation, sample, { params: { [path]: "nonsense" } });
      return { ...base, url, title: `${path} that is no id`, ...toNonsense(operation, path) };
    }),
  ];
  if (sample.absent === undefined) return cases;
  return [
    ...cases,
    { ...base, url: toUrl(operation, sample, { params: sample.absent }), title: "what is not there", status: 404 },
  ];
}

/** Every request that `operation` must refuse, made from one it must take. */
export function refusalCases(operation: Operation, sample: Sample): RefusalCase[] {
  const base = good(operation, sample);
  const isScoped = typeof operation.permission === "string";
  const isOpen = operation.scope === "public" || operation.begins === true;
  return [
    ...(isOpen ? [] : [{ ...base, asker: "nobody" as const, title: "nobody", status: 401 }]),
    ...(isScoped
      ? [{ ...base, asker: "unscoped" as const, title: "a token without the permission", status: 403 }]
      : []),
    ...listAddressCases(operation, sample),
    ...listBodyCases(operation, sample),
    ...listBytesCases(operation, sample),
    { ...base, isRepeated: true, title: "too many requests", status: 429 },
  ];
}

const columnsAtOnce = 80;

/** A request that carries fields nobody declared, and their names: the refusal must list every one. */
export interface StrangerCase extends RefusalCase {
  readonly names: readonly string[];
}

/** Whose body, if any, has no fields. */
function takesFieldsInAddress({ method, takesBytes }: Operation): boolean {
  return method === "GET" || takesBytes === true;
}

function toStrangerCase(operation: Operation, sample: Sample, names: readonly string[]): StrangerCase {
  const base = good(operation, sample);
  const fields = Object.fromEntries(names.map((name) => [name, "1"]));
  const shared = { ...base, names, title: `fields such as ${names[0]}`, status: 400 };
  if (takesFieldsInAddress(operation)) return { ...shared, url: toUrl(operation, sample, { query: fields }) };
  return { ...shared, contentType: "application/json", payload: JSON.stringify({ ...sample.body, ...fields }) };
}

/** Requests with each of `names` as a field besides the declared ones. SECURITY: no field reaches a column by its name. */
export function strangerCases(operation: Operation, sample: Sample, names: readonly string[]): StrangerCase[] {
  const parts = takesFieldsInAddress(operation) ? [operation.query] : [operation.body];
  const declared = new Set(
    parts.flatMap((part) => (part === undefined ? [] : listDeclared(toWireSchema(part, "input")))),
  );
  const strange = names.filter((name) => !declared.has(name));
  const chunks = Array.from({ length: Math.ceil(strange.length / columnsAtOnce) }, (_, index) =>
    strange.slice(index * columnsAtOnce, (index + 1) * columnsAtOnce),
  );
  return chunks.map((chunk) => toStrangerCase(operation, sample, chunk));
}

function listDeclared(schema: Readonly<Record<string, unknown>>): string[] {
  const branches = [schema["anyOf"], schema["oneOf"], schema["allOf"]].flat() as (typeof schema | undefined)[];
  const own = Object.keys((schema["properties"] as object | undefined) ?? {});
  return [...own, ...branches.flatMap((branch) => (branch === undefined ? [] : listDeclared(branch)))];
}
