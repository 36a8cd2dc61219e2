// The demo's owner: somebody to sign in as. The password is drawn, never a sample; whoever runs the demo is shown it.

import type { Core } from "../core.ts";
import { createUser, PasswordHasher, toEmail } from "../domains/identity/index.ts";
import { putOwner } from "../domains/organisations/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { type OrganisationId, toUuid, type UserId } from "../kernel/ids.ts";
import { drawBytes } from "../platform/crypto/random.ts";

export interface DemoOwner {
  readonly userId: UserId;
  readonly email: string;
  readonly password: string;
}

/** Makes a person who owns the organisation. */
export async function addDemoOwner(core: Core, organisationId: OrganisationId, actor: Actor): Promise<DemoOwner> {
  const { database, installation, pepper, log } = core;
  const sealer = await installation.sealer();
  const password = drawBytes(15).toString("base64url");
  const passwordHash = await new PasswordHasher({ pepper, log }).hash(password);
  const email = toEmail(`owner-${toUuid(organisationId).slice(-8)}@demo.example`);
  const userId = await database.withBatch(actor, async (batch) => {
    const made = await createUser(batch, { email, name: "Demo Owner", passwordHash }, sealer);
    await putOwner(batch.enterOrganisation(organisationId), { userId: made, email, name: "Demo Owner" }, sealer);
    return made;
  });
  return { userId, email, password };
}
