// Started by tests as another operating-system user: tries to log in and prints the error code, or `in`.

import { Client } from "pg";

const [host = "", user = ""] = process.argv.slice(2);
const client = new Client({ host, user, database: "postgres", ssl: false });
try {
  await client.connect();
  process.stdout.write("in");
  await client.end();
} catch (error) {
  process.stdout.write(error instanceof Error && "code" in error ? String(error.code) : String(error));
}
