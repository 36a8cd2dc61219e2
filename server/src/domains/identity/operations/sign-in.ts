// Signing in and out over the API.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import type { Json } from "../../../kernel/json-schema.ts";
import { afterCommit, type Operation, operation, SessionAnswer } from "../../../kernel/operation.ts";
import { signOut } from "../account/sessions.ts";
import type { IdentityDeps } from "../deps.ts";
import { PasskeySignInInput } from "../factors/passkey-answers.ts";
import type { StartedSession } from "../sessions/start-session.ts";
import { type FactorInput, finishSignIn } from "../sign-in/finish-sign-in.ts";
import { beginPasskeySignIn, signInWithPasskey } from "../sign-in/passkey-sign-in.ts";
import { signIn } from "../sign-in/sign-in.ts";
import { codeField, emailField, nothing, passkeyOptionsView, passwordField, secretField } from "./fields.ts";
import { anybody, ownAccount, toCaller, toMark } from "./guards.ts";

const SignedIn = z.object({
  status: z.literal("signed_in"),
  userId: idOf("user"),
  sessionId: idOf("session"),
});
type SignedIn = z.infer<typeof SignedIn>;

const FactorRequired = z.object({
  status: z.literal("factor_required"),
  /** For the second step, within ten minutes and five tries. */
  ticket: z.string().max(64),
  factors: z.array(z.enum(["totp", "passkey", "recovery_code"])).max(3),
});

function toAnswer({ userId, sessionId, tokens }: StartedSession): SessionAnswer<SignedIn> {
  return new SessionAnswer({ status: "signed_in", userId, sessionId }, tokens);
}

function createPasswordOperation(deps: IdentityDeps): Operation {
  const name = "signIn.password";
  return operation({
    name,
    summary: "Signs in with address and password, or answers which second factor is needed.",
    method: "POST",
    path: "/api/v1/sign-in",
    body: z.strictObject({ email: emailField, password: passwordField }),
    output: z.discriminatedUnion("status", [SignedIn, FactorRequired]),
    ...anybody,
    async run(context) {
      const result = await signIn(deps, context.input, toMark(context, name));
      if (result.kind === "signed_in") return toAnswer(result.started);
      const { ticket, factors } = result;
      return { status: "factor_required" as const, ticket: ticket.reveal(), factors: [...factors] };
    },
  });
}

const FactorBody = z.discriminatedUnion("method", [
  z.strictObject({ ticket: secretField, method: z.literal("totp"), code: codeField }),
  z.strictObject({ ticket: secretField, method: z.literal("recovery_code"), code: codeField }),
  z.strictObject({ ticket: secretField, method: z.literal("passkey"), passkey: PasskeySignInInput }),
]);

function toFactor(input: z.output<typeof FactorBody>): FactorInput {
  return input.method === "passkey"
    ? { method: input.method, passkey: input.passkey }
    : { method: input.method, code: input.code };
}

function createFactorOperation(deps: IdentityDeps): Operation {
  const name = "signIn.factor";
  return operation({
    name,
    summary: "Finishes signing in with a second factor: a code, a recovery code or a passkey.",
    method: "POST",
    path: "/api/v1/sign-in/factor",
    body: FactorBody,
    output: SignedIn,
    ...anybody,
    async run(context) {
      const { input } = context;
      const finished = { ticket: input.ticket, factor: toFactor(input) };
      return toAnswer(await finishSignIn(deps, finished, toMark(context, name)));
    },
  });
}

function createPasskeyOptionsOperation(deps: IdentityDeps): Operation {
  return operation({
    name: "signIn.passkeyOptions",
    summary: "Gives the browser what it needs to ask for a passkey, with a ticket for the passkeys of that person.",
    method: "POST",
    path: "/api/v1/sign-in/passkey/options",
    body: z.strictObject({ ticket: secretField.optional() }),
    output: passkeyOptionsView,
    ...anybody,
    audit: { none: "nobody has said who they are, and nothing changes" },
    run: async ({ input }) => ({ options: (await beginPasskeySignIn(deps, input)) as unknown as Json }),
  });
}

function createPasskeyOperation(deps: IdentityDeps): Operation {
  const name = "signIn.passkey";
  return operation({
    name,
    summary: "Signs in with a passkey alone.",
    method: "POST",
    path: "/api/v1/sign-in/passkey",
    body: z.strictObject({ passkey: PasskeySignInInput }),
    output: SignedIn,
    ...anybody,
    run: async (context) => toAnswer(await signInWithPasskey(deps, context.input, toMark(context, name))),
  });
}

function createSignOutOperation(deps: IdentityDeps): Operation {
  const name = "signIn.end";
  return operation({
    name,
    summary: "Ends the session and has the browser forget what it kept.",
    method: "POST",
    path: "/api/v1/sign-out",
    output: nothing,
    ...ownAccount,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        await signOut(deps, toCaller(context, name));
        return { status: 200, body: new SessionAnswer({}, {}) };
      }),
  });
}

/** Signing in and out. */
export function createSignInOperations(deps: IdentityDeps): readonly Operation[] {
  return [
    createPasswordOperation(deps),
    createFactorOperation(deps),
    createPasskeyOptionsOperation(deps),
    createPasskeyOperation(deps),
    createSignOutOperation(deps),
  ];
}
