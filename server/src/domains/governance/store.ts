// The SQL of retention.

import { systemStatement } from "../../platform/db/index.ts";

/** A page of all apps, after an app. */
export const listAppsSql = systemStatement<{ organisation_id: string; app_id: string }>(
  "governance.list_apps",
  "select organisation_id, app_id from parley_list_apps($1, $2)",
);
