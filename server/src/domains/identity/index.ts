export { identityErrors } from "./errors.ts";
export {
  findSession,
  issueSession,
  type NewSession,
  type SessionLimits,
  type SignInMethod,
  stepUpSecondsMax,
  stepUpSession,
  toSessionField,
} from "./sessions/sessions.ts";
export { endSessions, type LiveSession, listLiveSessions, listSessions } from "./sessions/store.ts";
