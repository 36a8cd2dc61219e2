// `parley config`.

import { readConfig, readProcessEnvironment, settings } from "../config.ts";
import type { Invocation } from "./command.ts";

/** Prints every setting, and its value here unless it is a secret. */
export async function listSettings(invocation: Invocation): Promise<void> {
  const environment = readProcessEnvironment();
  readConfig(environment);
  const rows = Object.entries(settings).map(([name, setting]) => {
    const isSecret = "isSecret" in setting && setting.isSecret;
    const given = environment[name];
    const value = given === undefined ? setting.usual : isSecret ? "[secret]" : given;
    return {
      name,
      value: value ?? null,
      isSet: given !== undefined,
      sentence: setting.sentence,
      allowed: setting.allowed,
    };
  });
  invocation.print(rows, () =>
    rows.map((row) => `${row.name}=${row.value ?? ""}\n    ${row.sentence}\n    Allowed: ${row.allowed}.`).join("\n"),
  );
}
