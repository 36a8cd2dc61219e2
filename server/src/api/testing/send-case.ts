// Sends a case of the refusal sweep to a server.

import type { HttpServer } from "../../platform/http/index.ts";
import type { Asker, RefusalCase } from "./refusal-cases.ts";

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly problem: {
    readonly code: string;
    readonly requestId: string;
    readonly errors?: readonly { path: string }[];
  };
}

const repetitionsMax = 50;

/** Sends one case with the token of its asker; a repeated one until the answer is 429, at most fifty times. */
export async function sendCase(
  server: HttpServer,
  refusal: RefusalCase,
  tokens: Readonly<Record<Exclude<Asker, "nobody">, string>>,
): Promise<Refusal> {
  const headers = {
    ...(refusal.asker !== "nobody" && { authorization: `Bearer ${tokens[refusal.asker]}` }),
    ...(refusal.contentType !== undefined && { "content-type": refusal.contentType }),
  };
  const { url, payload } = refusal;
  const request = { method: refusal.method as "GET", url, headers, ...(payload !== undefined && { payload }) };
  let answer = await server.inject(request);
  for (let sent = 1; refusal.isRepeated === true && answer.statusCode !== 429 && sent < repetitionsMax; sent++) {
    answer = await server.inject(request);
  }
  return { status: answer.statusCode, headers: answer.headers, problem: answer.json() };
}
