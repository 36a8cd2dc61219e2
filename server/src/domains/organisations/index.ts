export { createApp, createOrganisation } from "./create.ts";
export { bumpRevision } from "./store.ts";
