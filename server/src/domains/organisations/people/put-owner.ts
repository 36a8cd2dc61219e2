import type { OrganisationTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { readOrganisationName } from "../place-store.ts";
import { addUser, type PersonalData } from "./copies.ts";
import { lockRights, replaceGrants } from "./grant-store.ts";
import { setStatus } from "./user-store.ts";

/**
 * Makes somebody an active owner of the transaction's organisation, whatever they were in it before: for operators, when
 * nobody else can. Answers false, with nothing done, when there is no such organisation.
 */
export async function putOwner(tx: OrganisationTx, person: PersonalData, sealer: Sealer): Promise<boolean> {
  await lockRights(tx);
  if ((await readOrganisationName(tx)) === "") return false;
  if (!(await addUser(tx, person, sealer))) await setStatus(tx, person.userId, "active");
  await replaceGrants(tx, person.userId, [{ appId: undefined, role: { builtIn: "owner" }, channelIds: undefined }]);
  return true;
}
