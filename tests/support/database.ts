// Looks into a running installation's embedded database, past every barrier: what is really stored.

import pg from "pg";

/** Runs one statement as the cluster's superuser. */
export async function queryStored<Row extends pg.QueryResultRow>(
  dataDir: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ host: `${dataDir}/run`, port: 5432, user: "parley_admin", database: "parley" });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** Counts the rows of a table. */
export async function countStored(dataDir: string, table: string): Promise<number> {
  const [row] = await queryStored<{ count: string }>(dataDir, `select count(*) from ${table}`);
  return Number(row?.count);
}
