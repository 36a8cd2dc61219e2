export { createApp, createOrganisation } from "./create.ts";
export { hasOrganisations, issueSetupCode, useSetupCode } from "./setup-code.ts";
export { bumpRevision } from "./store.ts";
