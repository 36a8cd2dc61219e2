// The first run over the API. SECURITY: once anybody lives here, every operation of this file answers 404 (CVE-2026-34723).

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation, SessionAnswer } from "../../../kernel/operation.ts";
import type { OrganisationDeps } from "../deps.ts";
import { nameBounds } from "../names.ts";
import { assertSetUpOpen, setUp } from "../set-up.ts";

const path = "/api/v1/set-up";
const permission = { none: "nobody lives here yet; the code that the server printed decides" };

function createReadOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "setUp.read",
    summary: "Answers while there is something to set up, and 404 ever after.",
    method: "GET",
    path,
    output: z.object({ isOpen: z.literal(true) }),
    scope: "public",
    permission,
    audit: { none: "reads whether the installation is empty" },
    rate: "read",
    stepUp: false,
    async run() {
      await assertSetUpOpen(deps.database);
      return { isOpen: true } as const;
    },
  });
}

function createSetUpOperation(deps: OrganisationDeps): Operation {
  const name = "setUp.create";
  return operation({
    name,
    summary: "Makes the first organisation, its first app and its owner, with the code the server printed. Once.",
    method: "POST",
    path,
    body: z.strictObject({
      code: z.string().max(64),
      organisationName: z.string().min(1).max(nameBounds.place),
      appName: z.string().min(1).max(nameBounds.place),
      name: z.string().min(1).max(500),
      email: z.string().min(3).max(254),
      password: z.string().max(1024),
    }),
    output: z.object({ organisationId: idOf("organisation"), appId: idOf("app") }),
    successStatus: 201,
    scope: "public",
    permission,
    audit: { none: "recorded in the log of the organisation that is made, in the same transaction" },
    rate: "write",
    stepUp: false,
    async run({ input, requestId, origin }) {
      const { started, organisationId, appId } = await setUp(deps, input, { requestId, origin, operation: name });
      return new SessionAnswer({ organisationId, appId }, started.tokens);
    },
  });
}

/** The operations of the first run. */
export function createSetUpOperations(deps: OrganisationDeps): readonly Operation[] {
  return [createReadOperation(deps), createSetUpOperation(deps)];
}
