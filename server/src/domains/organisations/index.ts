export { createApp, createOrganisation } from "./create.ts";
export type { Mark, OrganisationDeps } from "./deps.ts";
export { organisationErrors } from "./errors.ts";
export {
  type AcceptAsNewInput,
  type Accepted,
  acceptAsMyself,
  acceptAsNew,
  type InvitationShown,
  readInvitation,
} from "./invitations/accept.ts";
export { type Purged, type PurgeOptions, purgeDeleted } from "./lifecycle/purge.ts";
export { organisationPaths, toInvitationLink } from "./links.ts";
export { createOrganisationOperations } from "./operations/index.ts";
export { refreshCopies } from "./people/copies.ts";
export { findUserName } from "./people/find-name.ts";
export { putOwner } from "./people/put-owner.ts";
export {
  contextWordsFor,
  type FactorsRequired,
  factorsRequired,
  limitsFor,
  placesFor,
} from "./places.ts";
export {
  type BuiltInRole,
  builtInRoles,
  catalogue,
  expandScopes,
  listRolePermissions,
  permissions,
} from "./rights/catalogue.ts";
export {
  coversGrant,
  type Grant,
  hasPart,
  isAdministrative,
  listGrantPermissions,
  mayGrant,
  type Rights,
  toRights,
} from "./rights/rights.ts";
export { findStanding, type OrganisationPolicy, type Standing } from "./rights/store.ts";
export {
  assertSetUpOpen,
  isSetUpOpen,
  type MachineSetUp,
  type SetUpInput,
  type SetUpResult,
  setUp,
  setUpForMachine,
} from "./set-up.ts";
export { hasOrganisations, isSetupCode, issueSetupCode, useSetupCode } from "./setup-code.ts";
export { bumpRevision, findAppOrganisationSql, isApp, isClosed } from "./store.ts";
