// Where a person stands, over the API.

import { z } from "zod";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { PlaceView, placesMax, toPlaceView } from "../../identity/index.ts";
import { placesFor } from "../places.ts";

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
    return { items: (await placesFor(tx.batch, tx.userId)).slice(0, placesMax).map(toPlaceView) };
  },
});
