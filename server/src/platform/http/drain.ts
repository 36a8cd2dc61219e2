// The graceful end of a server: nobody's running request is cut unless it outlasts the time given.

import type { Server } from "node:http";
import type { Socket } from "node:net";

const sweepMs = 50;

/**
 * Connections on which nothing was ever asked: browsers open some in advance. Node does not count them as idle, and would
 * wait for them until they are cut. Call it before the server listens; the answer ends them.
 */
export function watchUnused(server: Server): () => void {
  const unused = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", ({ socket }) => unused.delete(socket));
  return () => {
    for (const socket of unused) socket.destroy();
  };
}

/** Runs `close`, which stops accepting, and sees that connections end: idle ones at once, all after `timeoutMs`. */
export async function drain(
  server: Server,
  close: () => PromiseLike<unknown>,
  { timeoutMs, endUnused }: { timeoutMs: number; endUnused: () => void },
): Promise<void> {
  // A connection falls idle when its answer is done; node would then keep it for the whole keep-alive time.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    endUnused();
  }, sweepMs);
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  try {
    await close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
