// The places of a person as everybody sees them: an account lists its own, and organisations, which know them, are asked.

import { z } from "zod";
import { idOf } from "../../kernel/id-schema.ts";
import type { AppId, OrganisationId } from "../../kernel/ids.ts";

/** An app a person may see. */
export interface PlaceApp {
  readonly appId: AppId;
  readonly name: string;
  /** A built-in role's id or a custom role's name; the organisation-wide ones included. */
  readonly roles: readonly string[];
  readonly isSuspended: boolean;
  readonly deleteAfter: Date | undefined;
}

/** An organisation a person has a part in. */
export interface Place {
  readonly organisationId: OrganisationId;
  readonly name: string;
  /** In the whole organisation; empty for whoever has a part in single apps only. */
  readonly roles: readonly string[];
  readonly isSuspended: boolean;
  readonly apps: readonly PlaceApp[];
}

/** How many places are listed at most, and how many apps of each. */
export const placesMax = 1_000;

const name = z.string().max(400);
const roles = z.array(z.string().max(80)).max(200);

export const PlaceView = z.object({
  organisationId: idOf("organisation"),
  name,
  /** In the whole organisation; empty for whoever has a part in single apps only. */
  roles,
  isSuspended: z.boolean(),
  apps: z
    .array(
      z.object({
        appId: idOf("app"),
        name,
        roles,
        isSuspended: z.boolean(),
        deleteAfter: z.iso.datetime().optional(),
      }),
    )
    .max(placesMax),
});

/** A place as it is answered. */
export function toPlaceView(place: Place): z.infer<typeof PlaceView> {
  const apps = place.apps.map(({ deleteAfter, roles: held, ...app }) => ({
    ...app,
    roles: [...held],
    ...(deleteAfter === undefined ? {} : { deleteAfter: deleteAfter.toISOString() }),
  }));
  const { organisationId, name: shown, isSuspended } = place;
  return { organisationId, name: shown, roles: [...place.roles], isSuspended, apps };
}
