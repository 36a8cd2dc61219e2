// The failures of organisations, apps, roles and invitations.

import { defineErrors } from "../../kernel/errors.ts";

export const organisationErrors = defineErrors({
  suspended: {
    code: "organisations.suspended",
    status: 403,
    sentence: "This app is suspended or will be deleted. Its organisation's owner can bring it back.",
  },
  // SECURITY: a server that somebody lives in has no set-up, for whichever code.
  nothingToSetUp: {
    code: "organisations.nothing_to_set_up",
    status: 404,
    sentence: "There is nothing to set up here. Sign in instead.",
  },
  wrongSetupCode: {
    code: "organisations.wrong_setup_code",
    status: 403,
    sentence: "The set-up code is wrong or was used. Start the empty server again to print another.",
  },
  invalidName: {
    code: "organisations.invalid_name",
    status: 400,
    sentence: "This name cannot be used. Write it in one line.",
  },
  nameMismatch: {
    code: "organisations.name_mismatch",
    status: 400,
    sentence: "To confirm, write the name exactly as it is.",
  },
  appNotFound: { code: "organisations.app_not_found", status: 404, sentence: "There is no such app." },
  userNotFound: {
    code: "organisations.user_not_found",
    status: 404,
    sentence: "There is no such user in this organisation.",
  },
  roleNotFound: { code: "organisations.role_not_found", status: 404, sentence: "There is no such role." },
  roleExists: {
    code: "organisations.role_exists",
    status: 409,
    sentence: "There is a role of this name. Choose another name.",
  },
  roleInUse: {
    code: "organisations.role_in_use",
    status: 409,
    sentence: "Somebody holds this role or is invited to it. Give them another one first.",
  },
  invalidGrants: {
    code: "organisations.invalid_grants",
    status: 400,
    sentence: "These roles cannot be given like this. See errors for the fields.",
  },
  unknownPermission: {
    code: "organisations.unknown_permission",
    status: 400,
    sentence: "A role is made of permissions of the catalogue. See errors for those it does not have.",
  },
  // SECURITY: nobody can grant what they do not have, nor change somebody who has more.
  beyondYou: {
    code: "organisations.beyond_you",
    status: 403,
    sentence:
      "You can give and take only what you hold yourself. Owners, and those who administer, are changed by an owner.",
  },
  lastOwner: {
    code: "organisations.last_owner",
    status: 409,
    sentence: "This is the last owner. Make somebody else an owner first, or hand the organisation on.",
  },
  userExists: {
    code: "organisations.user_exists",
    status: 409,
    sentence: "This address belongs to a user of the organisation. Change their roles instead.",
  },
  invitationNotFound: {
    code: "organisations.invitation_not_found",
    status: 404,
    sentence: "There is no such open invitation.",
  },
  signInToAccept: {
    code: "organisations.sign_in_to_accept",
    status: 409,
    sentence: "There is an account with the invited address. Sign in to it to accept the invitation.",
  },
  noOffer: {
    code: "organisations.no_offer",
    status: 404,
    sentence: "This organisation is not offered to you, or no longer.",
  },
  unknownHeir: {
    code: "organisations.unknown_heir",
    status: 400,
    sentence: "An organisation can be offered to another of its active users only.",
  },
  notDeleting: {
    code: "organisations.not_deleting",
    status: 409,
    sentence: "This will not be deleted, or the time to take it back is over.",
  },
  deleting: {
    code: "organisations.deleting",
    status: 409,
    sentence: "This will be deleted. Take the deletion back first.",
  },
  tooManyLetters: {
    code: "organisations.too_many_letters",
    status: 409,
    sentence: "This invitation was sent often enough. Ask the person to look for it, or revoke it and invite again.",
  },
  tooMany: {
    code: "organisations.too_many",
    status: 409,
    sentence: "There are as many of these as there may be. Delete one that is not needed.",
  },
});
