// `parley demo seed`: the demo in an installation that runs or does not.

import { openOutbound } from "../open-outbound.ts";
import type { Invocation } from "./command.ts";
import { keepDemo, seedDemo } from "./demo.ts";
import { withCore } from "./with-core.ts";

/** Prints all that a client needs. */
export async function seed(invocation: Invocation): Promise<void> {
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
}
