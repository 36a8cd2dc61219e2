// The small commands of operators: migrate, config, demo seed, setup, token.

import { openOutbound } from "../compose.ts";
import { type Config, configErrors, readConfig, readProcessEnvironment, settings } from "../config.ts";
import { type Core, openCore } from "../core.ts";
import { type AuditNote, recordAudit } from "../domains/audit/index.ts";
import { setUpForMachine } from "../domains/organisations/index.ts";
import { issueToken, listScopeMistakes, revokeToken, type TokenKind } from "../domains/tokens/index.ts";
import { rotateSecret } from "../domains/webhooks/index.ts";
import { AppError } from "../kernel/errors.ts";
import { parseId, type Tenant } from "../kernel/ids.ts";
import { migrateExternal } from "../open-database.ts";
import { createLog } from "../platform/log/log.ts";
import { type Command, commandErrors, type Invocation } from "./command.ts";
import { seedDemo } from "./demo.ts";
import { keepDemo } from "./serve.ts";

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

/** Opens what a command needs, quietly, runs it, and closes it again. */
export async function withCore<T>(work: (core: Core) => Promise<T>): Promise<T> {
  const config = readConfig(readProcessEnvironment());
  const core = await openCore(config, createLog({ level: config.PARLEY_LOG_LEVEL === "debug" ? "debug" : "warn" }));
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}

/** A flag's value. Throws `command.usage` without one. */
export function need(invocation: Invocation, flag: string): string {
  const value = invocation.get(flag);
  if (value === undefined) throw new AppError(commandErrors.usage, { detail: `--${flag} is required` });
  return value;
}

async function migrateOwn(config: Config): Promise<readonly string[]> {
  const { DATABASE_URL: service, PARLEY_MIGRATION_URL: owner } = config;
  if (service === undefined) return [];
  if (owner === undefined) {
    const mistakes = [{ path: "PARLEY_MIGRATION_URL", message: "must name the role that owns the tables" }];
    throw new AppError(configErrors.invalid, { mistakes });
  }
  return migrateExternal(owner.reveal(), service.reveal());
}

export const migrateCommand: Command = {
  name: "migrate",
  summary: "Bring the database schema up to date. The embedded database does so at every start.",
  flags: [],
  async run(invocation) {
    const config = readConfig(readProcessEnvironment());
    const applied = config.DATABASE_URL === undefined ? await withCore(async () => []) : await migrateOwn(config);
    invocation.print({ applied }, () =>
      applied.length === 0 ? "The schema is up to date." : `Applied: ${applied.join(", ")}`,
    );
  },
};

export const configCommand: Command = {
  name: "config",
  summary: "List every setting, what it is for, and its value here (never a secret's).",
  flags: [],
  async run(invocation) {
    const environment = readProcessEnvironment();
    readConfig(environment);
    const rows = Object.entries(settings).map(([name, setting]) => {
      const isSecret = "isSecret" in setting && setting.isSecret;
      const given = environment[name];
      const value = given === undefined ? setting.usual : isSecret ? "[secret]" : given;
      return {
        name,
        value: value ?? null,
        isSet: given !== undefined,
        sentence: setting.sentence,
        allowed: setting.allowed,
      };
    });
    invocation.print(rows, () =>
      rows.map((row) => `${row.name}=${row.value ?? ""}\n    ${row.sentence}\n    Allowed: ${row.allowed}.`).join("\n"),
    );
  },
};

export const demoCommand: Command = {
  name: "demo",
  summary: "`parley demo seed`: make a demo organisation with two apps and print all a client needs.",
  flags: [
    { name: "webhook-url", value: "address", sentence: "Add a webhook endpoint for every event of both channels." },
    { name: "callback-url", value: "address", sentence: "Where the custom channel sends its messages." },
  ],
  async run(invocation) {
    await withCore(async (core) => {
      const outbound = openOutbound(core.config, { clock: core.clock, isDemo: true });
      try {
        const options = {
          webhookUrl: invocation.get("webhook-url"),
          callbackUrl: invocation.get("callback-url"),
          outbound,
        };
        const demo = await seedDemo(core, options);
        keepDemo(core, demo);
        invocation.print(demo, () => JSON.stringify(demo, null, 2));
      } finally {
        await outbound.close();
      }
    });
  },
};

export const setupCommand: Command = {
  name: "setup",
  summary: "Use the set-up code of an empty server: make the first organisation and app, and a token for it.",
  flags: [
    { name: "code", value: "code", sentence: "The code the server printed." },
    { name: "organisation", value: "name", sentence: "Its name." },
    { name: "app", value: "name", sentence: "The first app's name." },
  ],
  async run(invocation) {
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
  },
};

const tenantFlags = [
  { name: "organisation", value: "org_...", sentence: "The organisation's id." },
  { name: "app", value: "app_...", sentence: "The app's id." },
];

export const rotateWebhookSecretCommand: Command = {
  name: "rotate-webhook-secret",
  summary: "Make a fresh secret for a webhook endpoint; the former signs too until the overlap ends.",
  flags: [
    ...tenantFlags,
    { name: "endpoint", value: "whe_...", sentence: "The endpoint's id." },
    { name: "overlap-hours", value: "number", sentence: "How long both sign: 24 unless said, 0 to 168." },
  ],
  async run(invocation) {
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
  },
};

export const revokeTokenCommand: Command = {
  name: "revoke-token",
  summary: "End an access token for good; its next call is refused.",
  flags: [...tenantFlags, { name: "token-id", value: "tok_...", sentence: "The token's id." }],
  async run(invocation) {
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
  },
};

function needScopes(invocation: Invocation, kind: TokenKind): string[] {
  const scopes = need(invocation, "scopes").split(",");
  const [mistake] = listScopeMistakes(scopes, kind);
  if (mistake === undefined) return scopes;
  const scope = scopes[Number(/\d+/.exec(mistake.path)?.[0])];
  throw new AppError(commandErrors.usage, { detail: `--scopes: "${scope}" ${mistake.message}` });
}

export const tokenCommand: Command = {
  name: "token",
  summary: "Issue an access token for one app. It is shown once.",
  flags: [
    ...tenantFlags,
    { name: "kind", value: "api|bot", sentence: "What it is for. api unless said." },
    { name: "scopes", value: "a:b,c:d", sentence: "What it may do." },
    { name: "name", value: "name", sentence: "Its name." },
    { name: "days", value: "number", sentence: "How long it lives: 90 days unless said, at most 365." },
  ],
  async run(invocation) {
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
  },
};
