// The graceful end of a server: nobody's running request is cut unless it outlasts the time given.

import type { Server } from "node:http";

const sweepMs = 50;

/** Runs `close`, which stops accepting, and sees that connections end: idle ones at once, all after `timeoutMs`. */
export async function drain(server: Server, close: () => PromiseLike<unknown>, timeoutMs: number): Promise<void> {
  // A connection falls idle when its answer is done; node would then keep it for the whole keep-alive time.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  try {
    await close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
