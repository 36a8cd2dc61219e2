// What a schema looks like on the wire, as JSON Schema 2020-12. Zod writes it; a schema whose wire form zod cannot know
// (an id, a number in a query string) says it itself with `.meta({ wire })`.

import { z } from "zod";

export type WireSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of what is sent (`input`) or answered (`output`). Throws when zod finds no form for it. */
export function toWireSchema(schema: z.ZodType, direction: "input" | "output"): WireSchema {
  return z.toJSONSchema(schema, {
    io: direction,
    target: "draft-2020-12",
    unrepresentable: "any",
    override({ jsonSchema, zodSchema }) {
      // Zod leaves out a default behind a transformation; the wire form is that of the result, so it belongs there.
      const { def } = zodSchema._zod;
      if (def.type === "default") jsonSchema.default = def.defaultValue;
      const { wire } = jsonSchema as { wire?: WireSchema };
      if (wire === undefined) return;
      for (const key of Object.keys(jsonSchema)) {
        if (key !== "default" && key !== "description") delete (jsonSchema as Record<string, unknown>)[key];
      }
      Object.assign(jsonSchema, wire);
    },
  }) as WireSchema;
}
