// Many cases of a suite, or many visitors, a few at a time: what one waits for does not hold up the others.

/** Does something for each of many in their order, several side by side. Rejects with the first failure. */
export async function forEachOf<T, R>(
  all: readonly T[],
  work: (one: T, index: number) => Promise<R>,
  atOnce = 6,
): Promise<R[]> {
  const done: R[] = [];
  const rest = all.entries();
  const run = async (): Promise<void> => {
    for (const [index, one] of rest) done[index] = await work(one, index);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return done;
}
