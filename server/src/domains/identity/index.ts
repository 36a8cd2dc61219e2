export { listOwnSessions, type OwnSession } from "./account/sessions.ts";
export { Afterwards } from "./afterwards.ts";
export type {
  AccountCaller,
  FactorDemand,
  IdentityDeps,
  IdentityOperationDeps,
} from "./deps.ts";
export { describeDevice } from "./devices/describe-device.ts";
export { identityErrors } from "./errors.ts";
export type { PasskeySite } from "./factors/passkey.ts";
export { passkeyTransports } from "./factors/passkey-answers.ts";
export { toQrDrawing } from "./factors/qr-code.ts";
export { createIdentityOperations } from "./operations/index.ts";
export {
  createResetLink,
  endAllSessions,
  type OperatorDeps,
  type RemovedFactors,
  resetFactors,
} from "./operator/operator.ts";
export { isResetLink } from "./password/reset-password.ts";
export { isBreached } from "./passwords/breached-password.ts";
export { toContextWords } from "./passwords/context-words.ts";
export { PasswordJudge } from "./passwords/judge-password.ts";
export { PasswordHasher, type PasswordHasherOptions } from "./passwords/password-hasher.ts";
export { type Place, type PlaceApp, PlaceView, placesMax, toPlaceView } from "./places.ts";
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
export {
  type RequestMark,
  type SessionDeps,
  type SessionStart,
  type StartedSession,
  startSession,
} from "./sessions/start-session.ts";
export { endSessions, type LiveSession, listSessions, purgeSessions } from "./sessions/store.ts";
export { SignInThrottle } from "./throttling/sign-in-throttle.ts";
export { type Email, findEmail, toEmail, toEmailIndex } from "./users/email.ts";
export { nameLengthMax, toPersonName } from "./users/name.ts";
export { listUserIds } from "./users/store.ts";
export { createUser, findUserId, type NewUser, readUser, renameUser, setUserStatus, type User } from "./users/users.ts";
