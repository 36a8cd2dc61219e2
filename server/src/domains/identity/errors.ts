// The failures of identity. Whatever tells a stranger something about an account has one answer for every cause: who signs
// in learns neither whether the address is known nor which part was wrong, and a link that fails does not say why.

import { defineErrors } from "../../kernel/errors.ts";

export const identityErrors = defineErrors({
  // SECURITY: one refusal for an unknown address, a wrong password, a locked or a removed account.
  refused: {
    code: "identity.refused",
    status: 401,
    sentence:
      "The e-mail address or the password is not right, or the account cannot sign in. Check both, or reset the password.",
  },
  tooManyAttempts: {
    code: "identity.too_many_attempts",
    status: 429,
    sentence: "There were too many attempts to sign in. Wait as long as Retry-After says, or sign in with a passkey.",
  },
  busy: {
    code: "identity.busy",
    status: 503,
    sentence: "Too many passwords are being checked right now. Nothing was changed; try again in a moment.",
  },
  weakPassword: {
    code: "identity.weak_password",
    status: 400,
    sentence:
      "This password cannot be used. Choose a longer one that nobody would guess, such as four unrelated words.",
  },
  hashingMisconfigured: {
    code: "identity.hashing_misconfigured",
    status: 500,
    sentence: "The settings for password hashing cannot be used. See the detail.",
  },
  factorRefused: {
    code: "identity.factor_refused",
    status: 401,
    sentence: "The code or passkey was not accepted. Try again with a fresh code, or use another factor.",
  },
  passkeyUnusable: {
    code: "identity.passkey_unusable",
    status: 400,
    sentence: "The passkey could not be added. Start again, and unlock the device when it asks.",
  },
  passkeyCopied: {
    code: "identity.passkey_copied",
    status: 401,
    sentence:
      "This passkey was used in a way that suggests a copy of it exists. Sign in another way, remove it and add a fresh one.",
  },
  challengeRefused: {
    code: "identity.challenge_refused",
    status: 401,
    sentence: "This step was not started here, was finished already or took too long. Start again.",
  },
  sessionRequired: {
    code: "identity.session_required",
    status: 401,
    sentence: "Sign in first.",
  },
  factorEnrolmentRequired: {
    code: "identity.factor_enrolment_required",
    status: 403,
    sentence: "Your organisation requires a second factor. Add one, then continue.",
  },
  // SECURITY: one refusal for a link that is wrong, used, expired or meant for another address.
  linkRefused: {
    code: "identity.link_refused",
    status: 404,
    sentence: "This link does not work: it is wrong, was used or has expired. Ask for another.",
  },
  emailInvalid: {
    code: "identity.email_invalid",
    status: 400,
    sentence: "This is not a mail address that letters can be sent to. Write it as name@example.org.",
  },
  nameInvalid: {
    code: "identity.name_invalid",
    status: 400,
    sentence: "This name cannot be used. Write it in one line of 1 to 120 characters.",
  },
  emailTaken: {
    code: "identity.email_taken",
    status: 409,
    sentence: "There is an account with this mail address. Sign in to it, or use another address.",
  },
  unknownUser: {
    code: "identity.unknown_user",
    status: 404,
    sentence: "There is no such user.",
  },
  wrongPassword: {
    code: "identity.wrong_password",
    status: 403,
    sentence: "The current password is not right. Nothing was changed; try again, or reset the password by mail.",
  },
  stepUpNeeded: {
    code: "identity.step_up_needed",
    status: 403,
    sentence: "Confirm that it is you, with a second factor or, when you have none, your password; then repeat this.",
  },
  stepUpRefused: {
    code: "identity.step_up_refused",
    status: 403,
    sentence: "That did not confirm that it is you. Try again with a fresh code, a passkey or another factor you have.",
  },
  factorNeeded: {
    code: "identity.factor_needed",
    status: 403,
    sentence:
      "Your account has a second factor, so the password alone does not confirm that it is you. Use the factor.",
  },
  enrolmentRefused: {
    code: "identity.enrolment_refused",
    status: 400,
    sentence: "The code does not fit the secret that was shown. Check the clock of the device, or start again.",
  },
  lastFactor: {
    code: "identity.last_factor",
    status: 409,
    sentence: "This is the last factor you may have, so it stays. Add another one first, then remove this one.",
  },
  tooManyPasskeys: {
    code: "identity.too_many_passkeys",
    status: 409,
    sentence: "There are 20 passkeys already. Remove one you no longer use, then add this one.",
  },
  passkeyKnown: {
    code: "identity.passkey_known",
    status: 409,
    sentence: "This passkey is on your account already.",
  },
  unknownFactor: {
    code: "identity.unknown_factor",
    status: 404,
    sentence: "There is no such factor on your account.",
  },
  unknownSession: {
    code: "identity.unknown_session",
    status: 404,
    sentence: "There is no such session, or it has ended.",
  },
  noFactor: {
    code: "identity.no_factor",
    status: 409,
    sentence: "Recovery codes stand in for a second factor. Add a passkey or an authenticator app first.",
  },
  tooManyLetters: {
    code: "identity.too_many_letters",
    status: 429,
    sentence: "Several letters were sent already. Look for them, also among unwanted mail, or try again in an hour.",
  },
});
