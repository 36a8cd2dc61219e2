export { identityErrors } from "./errors.ts";
export {
  findSession,
  issueSession,
  listLiveSessions,
  type NewSession,
  type SessionLimits,
  type SignInMethod,
  stepUpSecondsMax,
  stepUpSession,
  toSessionField,
} from "./sessions/sessions.ts";
export { endSessions, type LiveSession, listSessions } from "./sessions/store.ts";
export { type Email, findEmail, toEmail, toEmailIndex } from "./users/email.ts";
export { nameLengthMax, toPersonName } from "./users/name.ts";
export { createUser, findUserId, type NewUser, readUser, renameUser, setUserStatus, type User } from "./users/users.ts";
