// Where a person stands, over the API.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { appsMax } from "../create.ts";
import { type Place, placesFor } from "../places.ts";

const placesMax = 1_000;
const rolesField = z.array(z.string().max(80)).max(200);

const PlaceView = z.object({
  organisationId: idOf("organisation"),
  name: z.string().max(200),
  /** In the whole organisation; empty for whoever has a part in single apps only. */
  roles: rolesField,
  isSuspended: z.boolean(),
  apps: z
    .array(
      z.object({
        appId: idOf("app"),
        name: z.string().max(200),
        roles: rolesField,
        isSuspended: z.boolean(),
        deleteAfter: z.iso.datetime().optional(),
      }),
    )
    .max(appsMax),
});

function toView({ organisationId, name, roles, isSuspended, apps }: Place): z.infer<typeof PlaceView> {
  return {
    ...{ organisationId, name, roles: [...roles], isSuspended },
    apps: apps.map((app) => ({
      ...{ appId: app.appId, name: app.name, roles: [...app.roles], isSuspended: app.isSuspended },
      ...(app.deleteAfter === undefined ? {} : { deleteAfter: app.deleteAfter.toISOString() }),
    })),
  };
}

/** GET /api/v1/places: the organisations and apps a person can go to. */
export const listPlaces: Operation = operation({
  name: "places.list",
  summary: "The organisations the person belongs to, with the apps they see and their roles.",
  method: "GET",
  path: "/api/v1/places",
  output: z.object({ items: z.array(PlaceView).max(placesMax) }),
  scope: "user",
  permission: { none: "lists only what the person has a part in" },
  audit: { none: "a list of names that holds no secret" },
  rate: "read",
  stepUp: false,
  async run({ tx }) {
    return { items: (await placesFor(tx.batch, tx.userId)).slice(0, placesMax).map(toView) };
  },
});
