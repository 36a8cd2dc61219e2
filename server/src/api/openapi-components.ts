// The parts of the OpenAPI document that are the same for every operation: the token, the problem body, the refusals.

import { STATUS_CODES } from "node:http";
import type { Operation } from "../kernel/operation.ts";

const problem = {
  type: "object",
  description: "What went wrong (RFC 9457). `code` is stable; `detail` is for people.",
  required: ["type", "title", "status", "code", "detail", "requestId"],
  properties: {
    type: { type: "string", description: "`urn:parley:error:` and the code." },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", examples: ["api.invalid_request"] },
    detail: { type: "string" },
    requestId: { type: "string", description: "Name this when you ask about the request." },
    errors: {
      type: "array",
      description: "Every mistake of the request.",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: { path: { type: "string", examples: ["nodes[2].name"] }, message: { type: "string" } },
      },
    },
  },
};

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Makes a repetition safe: within 24 hours the same key and request give the same answer, carried out once.",
  schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" },
};

const places = {
  App: { name: "Parley-App", description: "The app to act in: for a person. A token acts in its own." },
  Organisation: { name: "Parley-Organisation", description: "The organisation to act in." },
  Site: {
    name: "Parley-Site",
    description: "From this server's own widget: the origin of the page that shows it. Others say it by `Origin`.",
  },
  Csrf: {
    name: "X-Parley-Csrf",
    description:
      "The token of the session against forged requests, on every changing request that rests on the cookie.",
  },
};

function toHeader(header: { name: string; description: string }): object {
  return { ...header, in: "header", required: false, schema: { type: "string", maxLength: 255 } };
}

/** The headers an operation of a scope takes from people. */
export function listPlaceParameters({ scope, method }: Operation): object[] {
  const names = { app: ["App"], organisation: ["Organisation"], user: [], visitor: ["Site"], public: [] }[scope];
  const isGuarded = scope !== "public" && scope !== "visitor" && method !== "GET";
  return [...names, ...(isGuarded ? ["Csrf"] : [])].map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

/** Who may call an operation of a scope: with a token, with a session, or anybody. */
export function listSecurity({ scope, begins }: Operation): object[] {
  if (scope === "public" || begins === true) return [];
  if (scope === "visitor") return [{ visitor: [] }];
  return scope === "app" ? [{ token: [] }, { session: [] }] : [{ session: [] }];
}

const refusals = [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503];

function nameOf(status: number): string {
  return `Problem${status}`;
}

function listRefusals(operation: Operation): number[] {
  const applies: Readonly<Record<number, boolean>> = {
    404: operation.params !== undefined || operation.body !== undefined,
    409: operation.method !== "GET",
    413: operation.body !== undefined,
    415: operation.body !== undefined,
    422: operation.method !== "GET",
  };
  return refusals.filter((status) => applies[status] ?? true);
}

/** References to the refusals an operation can answer with. */
export function problemResponses(operation: Operation): Record<string, object> {
  const entries = listRefusals(operation).map((status) => {
    return [String(status), { $ref: `#/components/responses/${nameOf(status)}` }] as const;
  });
  return Object.fromEntries(entries);
}

/** The components every document has. */
export function sharedComponents() {
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  const retryAfter = { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } } };
  const toResponse = (status: number) => ({
    description: STATUS_CODES[status] ?? "",
    content,
    ...(status === 429 && { headers: retryAfter }),
  });
  return {
    securitySchemes: {
      token: { type: "http", scheme: "bearer", description: "A `ply_...` token. Header only." },
      session: { type: "apiKey", in: "cookie", name: "__Host-parley", description: "A person's session." },
      visitor: { type: "http", scheme: "bearer", description: "A visitor's `plv_...` token, good for 15 minutes." },
    },
    parameters: {
      IdempotencyKey: idempotencyKey,
      ...Object.fromEntries(Object.entries(places).map(([name, header]) => [name, toHeader(header)])),
    },
    responses: Object.fromEntries(refusals.map((status) => [nameOf(status), toResponse(status)])),
    schemas: { Problem: problem },
  };
}
