// The surfaces that people, integrators and operators meet, on one set of guards and one set of operations. A part of the
// composition root.

import type { Registry } from "prom-client";
import {
  buildApi,
  buildOperationsSurface,
  type CookiePolicy,
  createInvoke,
  Denials,
  type ForgeryLayers,
  type Means,
  RateLimits,
  type ReadinessCheck,
  rateTable,
} from "./api/index.ts";
import { createAuthenticate } from "./authenticate.ts";
import type { Chat } from "./chat.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import { recordAudit, recordPersonAudit } from "./domains/audit/index.ts";
import { permissions } from "./domains/organisations/index.ts";
import type { Operation } from "./kernel/operation.ts";
import { createPageSurface, pageRoutes } from "./pages/routes/index.ts";
import { isEqualInConstantTime } from "./platform/crypto/hmac.ts";
import type { Surface } from "./platform/http/index.ts";
import { findPublicOrigin, isReachedByHttps, toPublicUrl } from "./public-url.ts";

/** Tests alone take layers of protection against forged requests away, to show that the others suffice. */
export interface ForgeryParts {
  readonly forgeryLayers?: ForgeryLayers;
  readonly cookiePolicy?: CookiePolicy;
}

type SurfaceCore = Pick<Core, "config" | "log" | "clock" | "database" | "keychain" | "pepper">;

/** The programming interface, the pages and the public chat: one list of operations, each behind its guards. */
export function createPeopleSurfaces(
  core: SurfaceCore,
  operations: readonly Operation[],
  parts: ForgeryParts & { readonly chat: Pick<Chat, "listSurfaces"> },
): Surface[] {
  const { config, log, clock, database, keychain, pepper } = core;
  const means: Means = {
    ...{ database, keychain, log, cookiePolicy: parts.cookiePolicy },
    recordAudit: (tx, entry) =>
      "userId" in tx ? recordPersonAudit(tx.batch, tx.userId, entry) : recordAudit(tx, entry),
  };
  const denials = new Denials({
    ...{ clock, log },
    record: (actor, organisationId, entry) =>
      database.withOrganisation(actor, organisationId, (tx) => recordAudit(tx, entry)),
  });
  const rateLimits = new RateLimits(rateTable);
  const guards = {
    authenticate: createAuthenticate({ database, pepper, clock }),
    ...{ pepper, rateLimits, denials, forgeryLayers: parts.forgeryLayers },
  };
  const api = buildApi({ operations, permissions, ...means, ...guards, publicOrigin: findPublicOrigin(config) });
  const pages = createPageSurface({
    ...guards,
    ...{ routes: pageRoutes, clock, log, publicUrl: toPublicUrl(config) },
    isHttps: isReachedByHttps(config),
    invoke: createInvoke(operations, { means, rateLimits, denials }),
  });
  return [api, pages, ...parts.chat.listSurfaces(operations, { ...means, rateLimits })];
}

interface HealthOptions {
  readonly registry: Registry;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly isDraining: () => boolean;
}

/** Health and metrics, for this machine and whoever holds the operators' token. */
export function createHealthSurface({ config, log }: Pick<Core, "config" | "log">, options: HealthOptions): Surface {
  return buildOperationsSurface({
    ...options,
    isOperator: (authorization) => isOperator(config, authorization),
    log,
  });
}

function isOperator(config: Config, authorization: string | undefined): boolean {
  const token = config.PARLEY_METRICS_TOKEN?.reveal();
  if (token === undefined || authorization === undefined) return false;
  return isEqualInConstantTime(Buffer.from(authorization), Buffer.from(`Bearer ${token}`));
}
