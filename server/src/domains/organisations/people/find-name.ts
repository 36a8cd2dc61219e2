// The name of one of an organisation's users, for those who are shown who answers them.

import type { UserId } from "../../../kernel/ids.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { openCopy } from "./copies.ts";
import { findUser } from "./user-store.ts";

/** The name as the organisation knows it, by the installation's sealer; undefined for somebody who is no user of it. */
export async function findUserName(tx: OrganisationTx, userId: UserId, sealer: Sealer): Promise<string | undefined> {
  const user = await findUser(tx, userId);
  const name = user === undefined ? "" : openCopy(tx.organisationId, user, sealer).name;
  return name === "" ? undefined : name;
}
