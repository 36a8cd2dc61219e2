// Where a request came from.

import type { FastifyRequest } from "fastify";

/** The address of whoever asks; empty when their connection is gone already, which the framework's type does not say. */
export function toAddress(request: Pick<FastifyRequest, "ip">): string {
  const address: string | undefined = request.ip;
  return address ?? "";
}
