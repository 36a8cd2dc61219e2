// Who may call the server with the token. Calls share the lock, a rotation holds it alone, over all tabs of the browser: so
// no call with a former token is under way when a rotation makes it one, which the server would take for theft.

import type { Locks } from "./environment.ts";

/** Locks of the browser (Web Locks API), over all tabs; the spare ones where it refuses them. */
export function createWebLocks(manager: Pick<LockManager, "request">, spare: Locks): Locks {
  return {
    async hold(name, mode, run) {
      let isGranted = false;
      try {
        return await manager.request(name, { mode }, async () => {
          isGranted = true;
          return await run();
        });
      } catch (error) {
        if (isGranted) throw error;
        return await spare.hold(name, mode, run);
      }
    },
  };
}
