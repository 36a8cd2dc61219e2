// A field that holds any JSON, such as a bot's definition: read by whoever knows it, bounded by the body's own limit.

import { z } from "zod";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Any JSON value; `description` says what in the reference. Bodies are parsed, so anything that arrives is JSON. */
export function anyJson(description: string): z.ZodType<Json> {
  return z.custom<Json>((value) => value !== undefined).meta({ wire: { description } });
}
