// Somebody found a token in public and reports it: whoever has it may end it, and learns nothing. A report that is no token
// costs no query; a living one is revoked, and its maker is told, and nobody else.

import { fromUuid } from "../../kernel/ids.ts";
import type { Origin } from "../../kernel/operation.ts";
import { recordAudit } from "../audit/index.ts";
import { hashToken } from "./authenticate.ts";
import { isTokenSpelling } from "./format.ts";
import { tellLeaked } from "./letters.ts";
import { findListed } from "./listing-store.ts";
import { findToken, findTokenTenantSql, revokeToken } from "./store.ts";
import type { TokenDeps } from "./token-deps.ts";

/** The request of a report. */
export interface Report {
  readonly token: string;
  readonly requestId: string;
  readonly origin: Origin;
}

/** Whoever reports is not told whether this did anything. */
export async function revokeLeaked(deps: TokenDeps, report: Report): Promise<void> {
  if (!isTokenSpelling(report.token)) return;
  const hash = hashToken(report.token, deps.pepper);
  const place = (await deps.database.lookUp(findTokenTenantSql, [hash]))[0];
  if (place === undefined) return;
  const tenant = {
    organisationId: fromUuid("organisation", place.organisation_id),
    appId: fromUuid("app", place.app_id),
  };
  await deps.database.withTenant({ kind: "anonymous" }, tenant, async (tx) => {
    const stored = await findToken(tx, hash);
    // Of parallel reports one revokes, records and writes.
    if (stored === undefined || !(await revokeToken(tx, stored.tokenId))) return;
    const { requestId, origin } = report;
    await recordAudit(tx, {
      action: "token.leaked_revoked",
      operation: "tokens.revokeLeaked",
      targets: { tokenId: stored.tokenId },
      remoteAddress: origin.address,
      requestId,
    });
    const token = await findListed(tx, { own: undefined, all: true, channelIds: undefined }, stored.tokenId);
    if (token !== undefined) await tellLeaked(deps, tx, token);
  });
}
