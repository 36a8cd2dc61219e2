export { createApp, createOrganisation } from "./create.ts";
export { organisationErrors } from "./errors.ts";
export {
  type BuiltInRole,
  builtInRoles,
  catalogue,
  expandScopes,
  listRolePermissions,
  permissions,
} from "./rights/catalogue.ts";
export { type Grant, hasPart, listGrantPermissions, mayGrant, type Rights, toRights } from "./rights/rights.ts";
export { findStanding, type OrganisationPolicy, type Standing } from "./rights/store.ts";
export { hasOrganisations, isSetupCode, issueSetupCode, useSetupCode } from "./setup-code.ts";
export { bumpRevision, findAppOrganisationSql, isApp, listMembershipsSql } from "./store.ts";
