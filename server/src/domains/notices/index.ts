// What other domains may use to write letters: `mailer.send({ to, ...toInvitationLetter(facts) })`.

export {
  type ConfirmEmailFacts,
  type EmailChangedFacts,
  toConfirmEmailLetter,
  toEmailChangedLetter,
} from "./email-address.ts";
export { noticeErrors } from "./errors.ts";
export { type FactorChange, type FactorChangedFacts, toFactorChangedLetter } from "./factors.ts";
export {
  type FirstPasswordFacts,
  type InvitationFacts,
  toFirstPasswordLetter,
  toInvitationLetter,
  toWelcomeLetter,
  type WelcomeFacts,
} from "./invitation.ts";
export type { WrittenLetter } from "./letter-content.ts";
export type { Occasion } from "./occasion.ts";
export {
  type DeletionFacts,
  type OwnershipTransferFacts,
  toDeletionLetter,
  toOwnershipTransferLetter,
} from "./organisation.ts";
export {
  type PasswordChangedFacts,
  type PasswordResetFacts,
  toPasswordChangedLetter,
  toPasswordResetLetter,
} from "./password.ts";
export { type NewDeviceFacts, type SignInMethod, toMethodWords, toNewDeviceLetter } from "./sign-in.ts";
export { type LetterLink, toLink } from "./to-link.ts";
export { type TokenLeakedFacts, toTokenLeakedLetter } from "./token-leaked.ts";
export {
  type TokenCreatedFacts,
  type TokenExpiringFacts,
  toTokenCreatedLetter,
  toTokenExpiringLetter,
} from "./tokens.ts";
