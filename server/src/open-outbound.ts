// The guarded client of a process, as its settings allow it.

import type { Config } from "./config.ts";
import { demoCallback } from "./demo-callback.ts";
import type { Clock } from "./kernel/clock.ts";
import { createOutboundClient, type OutboundClient } from "./platform/outbound/index.ts";

/**
 * Every tenant's messages go to the same few platforms, so one origin carries many tenants; each may hold as many calls as
 * it has slots (32), and one whose calls hang must leave room for the others.
 */
const connectionsPerOrigin = 1_024;

/** The guarded client, with the operator's allow list. */
export function openOutbound(config: Config, options: { clock: Clock; isDemo?: boolean | undefined }): OutboundClient {
  const demo = options.isDemo === true ? [demoCallback] : [];
  const allow = [...config.PARLEY_OUTBOUND_ALLOW, ...demo];
  return createOutboundClient({ allow, clock: options.clock, connectionsPerOrigin });
}
