// The commands of operators that make and end credentials: setup, token, revoke-token, rotate-webhook-secret.

import { type AuditNote, recordAudit } from "../domains/audit/index.ts";
import { setUpForMachine } from "../domains/organisations/index.ts";
import { issueToken, listScopeMistakes, revokeToken, type TokenKind } from "../domains/tokens/index.ts";
import { rotateSecret } from "../domains/webhooks/index.ts";
import { AppError } from "../kernel/errors.ts";
import { parseId, type Tenant } from "../kernel/ids.ts";
import { commandErrors, type Invocation, need } from "./command.ts";
import { withCore } from "./with-core.ts";

/** The audit entry of a command, written in the transaction of its change. */
function toNote(action: string, command: string, targets: Readonly<Record<string, string>>): AuditNote {
  return { action, operation: `parley ${command}`, requestId: "command line", remoteAddress: "this machine", targets };
}

/** The tenant that --organisation and --app name. */
function needTenant(invocation: Invocation): Tenant {
  const organisationId = parseId("organisation", need(invocation, "organisation"));
  const appId = parseId("app", need(invocation, "app"));
  if (organisationId === undefined || appId === undefined) {
    throw new AppError(commandErrors.usage, { detail: "--organisation or --app is not an id of that kind" });
  }
  return { organisationId, appId };
}

/** Prints the first organisation, app and token. */
export async function setUp(invocation: Invocation): Promise<void> {
  const [code, organisation, app] = ["code", "organisation", "app"].map((flag) => need(invocation, flag));
  await withCore(async (core) => {
    const actor = { kind: "operator", command: "setup" } as const;
    const names = { code: code ?? "", organisationName: organisation ?? "", appName: app ?? "" };
    const scopes = ["channel:admin", "tree:admin", "webhook:admin", "bot:admin", "trace:read", "conversation:read"];
    const { tenant, finished } = await setUpForMachine(core, { ...names, actor }, async (tx) => {
      const issued = await issueToken(tx, { kind: "api", name: "First token", scopes }, core);
      const { organisationId, appId } = tx.tenant;
      const targets = { organisationId, appId, tokenId: issued.tokenId };
      await recordAudit(tx, toNote("installation.set_up", "setup", targets));
      return issued;
    });
    const { token } = finished;
    invocation.print(
      { ...tenant, token },
      () => `Organisation ${tenant.organisationId}\nApp ${tenant.appId}\nToken, shown once: ${token}`,
    );
  });
}

/** Prints the fresh secret, once. */
export async function rotateWebhookSecret(invocation: Invocation): Promise<void> {
  const tenant = needTenant(invocation);
  const endpointId = parseId("endpoint", need(invocation, "endpoint"));
  const overlapHours = Number(invocation.get("overlap-hours") ?? 24);
  if (endpointId === undefined || !Number.isInteger(overlapHours) || overlapHours < 0 || overlapHours > 168) {
    throw new AppError(commandErrors.usage, { detail: "--endpoint or --overlap-hours is mistaken" });
  }
  await withCore(async (core) => {
    const actor = { kind: "operator", command: "rotate-webhook-secret" } as const;
    const sealer = await core.keychain.sealerFor(tenant, { actor, reason: "operator" });
    const rotated = await core.database.withTenant(actor, tenant, async (tx) => {
      await recordAudit(tx, toNote("webhook_endpoint.secret_rotated", "rotate-webhook-secret", { endpointId }));
      return rotateSecret(tx, { endpointId, overlapHours }, { sealer, clock: core.clock });
    });
    invocation.print({ endpointId, ...rotated }, () => `Secret, shown once: ${rotated.secret}`);
  });
}

/** Prints whether there was a living one. */
export async function revoke(invocation: Invocation): Promise<void> {
  const tenant = needTenant(invocation);
  const tokenId = parseId("token", need(invocation, "token-id"));
  if (tokenId === undefined) throw new AppError(commandErrors.usage, { detail: "--token-id is not a token's id" });
  await withCore(async (core) => {
    const actor = { kind: "operator", command: "revoke-token" } as const;
    const revoked = await core.database.withTenant(actor, tenant, async (tx) => {
      const wasAlive = await revokeToken(tx, tokenId);
      if (wasAlive) await recordAudit(tx, toNote("token.revoked", "revoke-token", { tokenId }));
      return wasAlive;
    });
    invocation.print({ tokenId, revoked }, () => (revoked ? "Revoked." : "There is no such living token."));
  });
}

function needScopes(invocation: Invocation, kind: TokenKind): string[] {
  const scopes = need(invocation, "scopes").split(",");
  const [mistake] = listScopeMistakes(scopes, kind);
  if (mistake === undefined) return scopes;
  const scope = scopes[Number(/\d+/.exec(mistake.path)?.[0])];
  throw new AppError(commandErrors.usage, { detail: `--scopes: "${scope}" ${mistake.message}` });
}

/** Prints the token, once. */
export async function issue(invocation: Invocation): Promise<void> {
  const tenant = needTenant(invocation);
  const kind = invocation.get("kind") ?? "api";
  const days = Number(invocation.get("days") ?? 90);
  const isKind = kind === "api" || kind === "bot";
  if (!isKind || !Number.isInteger(days) || days < 1 || days > 365) {
    throw new AppError(commandErrors.usage, { detail: "--kind or --days is mistaken" });
  }
  const scopes = needScopes(invocation, kind);
  await withCore(async (core) => {
    const actor = { kind: "operator", command: "token" } as const;
    const input = { kind, name: invocation.get("name") ?? "Token", scopes, days } as const;
    const issued = await core.database.withTenant(actor, tenant, async (tx) => {
      const made = await issueToken(tx, input, core);
      await recordAudit(tx, toNote("token.issued", "token", { tokenId: made.tokenId }));
      return made;
    });
    invocation.print(issued, () => issued.token);
  });
}
