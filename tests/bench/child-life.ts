// How the benchmark's own children live: Ctrl-C is the parent's business, SIGTERM and the parent's death end them.

/** Calls `stop` once on SIGTERM, or when standard input closes because the parent is gone; then ends the process. */
export function endWithParent(stop: () => void | Promise<void>): void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    void Promise.resolve(stop()).finally(() => process.exit(0));
  };
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", end);
  process.stdin.on("end", end).on("close", end).resume();
}
