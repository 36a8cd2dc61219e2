// What a sample of an operation is: one good request, and what the suites must know about it.

import { drawSecret } from "../../server/src/domains/secrets/index.ts";
import type { Objects } from "./world-objects.ts";
import type { SampleRequest } from "./world-requests.ts";

export interface OperationSample {
  /** The request, made of what is in one app and its organisation. */
  request(objects: Objects): SampleRequest;
  /** What an owner's request may come to besides the declared success: the sample cannot prove a password, say. */
  readonly accepts?: readonly number[];
  /** What comes of it when everything in the path is absent: 404 unless said. */
  readonly absentStatus?: number;
  /** A permission without which the operation, open to everybody, refuses this object of somebody else's. */
  readonly needs?: string;
  /** The secrets that the answer shows, once each. */
  shows?(view: Record<string, unknown>): readonly unknown[];
}

/** What people in samples type as their password: it may come out nowhere. */
export const samplePassword = "canary-pass-5c1f8e2b94-juggling-otters";

/** Whose password, reset link and confirmation link the samples use: an admin without a second factor. */
export const sampleEmail = "admin@example.org";
export const sampleLinks = { reset: drawSecret(), email: drawSecret() };

/** A request without anything. */
export const empty: OperationSample = { request: () => ({}) };

/** A request that names things in its path only. */
export function by(...names: (keyof Objects)[]): OperationSample {
  return {
    request: (objects) => ({ params: Object.fromEntries(names.map((name) => [name, objects[name]])) }),
  };
}
