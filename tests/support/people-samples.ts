// Samples of the operations about people: signing in, one's own account, organisations and who belongs to them. Whoever
// calls proves nothing in them, so what asks for a proof refuses it by itself, behind the guards.

import { by, empty, type OperationSample, sampleEmail, sampleLinks, samplePassword } from "./sample.ts";
import type { Objects } from "./world-objects.ts";
import type { SampleRequest } from "./world-requests.ts";

const email = "somebody@example.org";
const secret = "A".repeat(43);
const base64 = "AAAAAAAAAAAAAAAAAAAAAA";
const signIn = { credentialId: base64, clientDataJSON: base64, authenticatorData: base64, signature: base64 };
const registration = { credentialId: base64, clientDataJSON: base64, attestationObject: base64, transports: ["usb"] };

const body = (fields: Record<string, unknown>, ...accepts: number[]): OperationSample => ({
  request: () => ({ body: fields }),
  ...(accepts.length > 0 && { accepts }),
});

function withBody(make: (objects: Objects) => SampleRequest, ...accepts: number[]): OperationSample {
  return { request: make, ...(accepts.length > 0 && { accepts }) };
}

const identitySamples: Readonly<Record<string, OperationSample>> = {
  "signIn.password": body({ email: sampleEmail, password: samplePassword }),
  "signIn.factor": body({ ticket: secret, method: "totp", code: "123456" }, 401),
  "signIn.passkeyOptions": body({}),
  "signIn.passkey": body({ passkey: signIn }, 401),
  "signIn.end": empty,
  "passwordReset.request": body({ email: sampleEmail }),
  "passwordReset.complete": body({ token: sampleLinks.reset.reveal(), password: `${samplePassword} again` }),
  "account.changePassword": body(
    { currentPassword: samplePassword, password: `${samplePassword} other` },
    400,
    401,
    429,
  ),
  "account.get": empty,
  "account.session": { ...empty, shows: (view) => [view["csrfToken"]] },
  "account.rename": body({ name: "Somebody" }),
  "account.changeEmail": body({ email }),
  "account.confirmEmail": body({ token: sampleLinks.email.reveal() }),
  "passkeys.list": empty,
  "passkeys.options": empty,
  "passkeys.add": body({ name: "Key", passkey: registration }, 400, 401),
  "passkeys.rename": withBody(({ passkeyId }) => ({ params: { passkeyId }, body: { name: "Other" } })),
  "passkeys.remove": by("passkeyId"),
  "totp.begin": { ...empty, shows: (view) => [view["typed"]] },
  "totp.confirm": body({ code: "123456" }, 400),
  "totp.remove": { ...empty, accepts: [404, 409] },
  "recoveryCodes.make": { ...empty, shows: (view) => (Array.isArray(view["codes"]) ? view["codes"] : []) },
  "sessions.list": empty,
  "sessions.end": by("sessionId"),
  "sessions.endOthers": empty,
  "stepUp.options": empty,
  "stepUp.confirm": body({ method: "totp", code: "123456" }, 403),
};

const grants = ({ appId }: Objects): unknown[] => [{ role: "support", appId }];

const organisationSamples: Readonly<Record<string, OperationSample>> = {
  "setUp.read": { ...empty, accepts: [404] },
  "setUp.create": body(
    {
      ...{ code: "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", organisationName: "Other", appName: "App" },
      ...{ name: "Somebody", email, password: samplePassword },
    },
    ...[400, 403, 404, 409],
  ),
  "places.list": empty,
  "organisations.create": body({ name: "Another" }),
  "organisations.get": empty,
  "organisations.rename": body({ name: "A" }),
  "organisations.updatePolicy": body({ sessionIdleMinutes: 30, tokenDaysMax: 30 }),
  "organisations.suspend": empty,
  "organisations.resume": { ...empty, accepts: [409] },
  "organisations.delete": body({ confirmName: "A" }),
  "organisations.restore": { ...empty, accepts: [409] },
  "ownership.offer": withBody(({ userId }) => ({ body: { userId } })),
  "ownership.get": { ...empty, accepts: [404] },
  "ownership.accept": { ...empty, accepts: [404, 409] },
  "ownership.end": { ...empty, accepts: [404, 409] },
  "apps.create": body({ name: "A3" }),
  "apps.list": empty,
  "apps.rename": withBody(({ appId }) => ({ params: { appId }, body: { name: "A1" } })),
  "apps.suspend": by("appId"),
  "apps.resume": { ...by("appId"), accepts: [409] },
  "apps.delete": withBody(({ appId }) => ({ params: { appId }, body: { confirmName: "A1" } })),
  "apps.restore": { ...by("appId"), accepts: [409] },
  "users.list": { request: () => ({ query: { first: "50" } }) },
  "users.get": by("userId"),
  "users.setGrants": withBody((objects) => ({
    params: { userId: objects.userId },
    body: { grants: grants(objects) },
  })),
  "users.disable": by("userId"),
  "users.enable": { ...by("userId"), accepts: [409] },
  "users.remove": by("userId"),
  "users.endSessions": by("userId"),
  "organisations.endSessions": empty,
  "roles.list": empty,
  "permissions.list": empty,
  "roles.create": body({ name: "Made", permissions: ["channel:read"] }),
  "roles.update": withBody(({ roleId }) => ({ params: { roleId }, body: { permissions: ["channel:read"] } })),
  "roles.delete": by("roleId"),
  "invitations.create": withBody((objects) => ({ body: { email, grants: grants(objects) } })),
  "invitations.list": { request: () => ({ query: { first: "5" } }) },
  "invitations.revoke": by("invitationId"),
  "invitations.sendAgain": by("invitationId"),
  "invitations.read": body({ token: secret }, 404),
  "invitations.accept": body({ token: secret, name: "Somebody", password: samplePassword }, 404),
  "invitations.acceptAsMyself": body({ token: secret }, 404),
  "auditEntries.list": { request: () => ({ query: { first: "5", action: "token.used" } }) },
};

/** The samples, by operation. */
export const peopleSamples: Readonly<Record<string, OperationSample>> = { ...identitySamples, ...organisationSamples };
