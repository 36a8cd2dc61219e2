// What was claimed for many tenants at once is opened item by item: what cannot be read of one tenant delays nobody else.

import { isDeterministic } from "../db/index.ts";

/** Until an item is looked at again that cannot be read, and until keys are asked for again that are away. */
const [unreadableMs, keysAgainMs] = [1_800_000, 5_000];

export interface OpenOptions<Row, Item> {
  readonly rows: readonly Row[];
  /** No item for what is not to be handled. */
  readonly open: (row: Row) => Promise<readonly Item[]>;
  /** Told of every row that cannot be opened. */
  readonly onFailure: (row: Row, error: unknown) => void;
  /** Puts rows off. Called only when there are any. */
  readonly putOff: (rows: readonly { readonly row: Row; readonly waitMs: number }[]) => Promise<void>;
}

/** Opens what can be opened, in order, and puts off the rest. */
export async function openEach<Row, Item>({ rows, open, onFailure, putOff }: OpenOptions<Row, Item>): Promise<Item[]> {
  const closed: { row: Row; waitMs: number }[] = [];
  const opening = rows.map(async (row) => {
    try {
      return await open(row);
    } catch (error) {
      onFailure(row, error);
      closed.push({ row, waitMs: isDeterministic(error) ? unreadableMs : keysAgainMs });
      return [];
    }
  });
  const opened = await Promise.all(opening);
  if (closed.length > 0) await putOff(closed);
  return opened.flat();
}
