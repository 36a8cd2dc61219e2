// Ids at the edge: a schema that accepts exactly one kind of id, so that nothing behind it handles text of another form.

import { z } from "zod";
import { type Id, type IdKind, idPrefixes, parseId } from "./ids.ts";

const idSchemas = new WeakSet<object>();

/** Answers whether a schema is one that `idOf` made. */
export function isIdSchema(schema: object): boolean {
  return idSchemas.has(schema);
}

/** A schema for ids of one kind. Its mistake names the prefix wanted. */
export function idOf<K extends IdKind>(kind: K): z.ZodType<Id<K>> {
  const prefix = idPrefixes[kind];
  const schema = z
    .custom<Id<K>>((value) => parseId(kind, value) !== undefined, {
      error: `must be an id that begins with ${prefix}_`,
    })
    .meta({ wire: { type: "string", pattern: `^${prefix}_[0-9a-f]{32}$`, minLength: 36, maxLength: 36 } });
  idSchemas.add(schema);
  return schema;
}
