// The SQL of devices that signed in before. Of a device's token only SHA-256 is stored (it holds 256 random bits).

import { type UserTx, userStatement } from "../../../platform/db/index.ts";

const recogniseSql = userStatement<{ is_known: boolean; has_signed_in: boolean }>(
  "identity.recognise_device",
  `with known as (update known_devices set seen_at = now() where user_id = $1 and hash = $2 returning 1)
   select exists (select from known) as is_known,
     exists (select from sessions s where s.user_id = $1) as has_signed_in`,
);

/** Whether the device is known to the person, and whether the person ever had a session. Notes that it was seen. */
export async function recogniseDevice(tx: UserTx, hash: Buffer): Promise<{ isKnown: boolean; hasSignedIn: boolean }> {
  const row = (await tx.query(recogniseSql, [hash]))[0];
  return { isKnown: row?.is_known === true, hasSignedIn: row?.has_signed_in === true };
}

const insertDeviceSql = userStatement<never>(
  "identity.insert_device",
  "insert into known_devices (user_id, hash) values ($1, $2)",
);

/** Those seen last are kept: a person has a handful, and a list that only grows would help nobody. */
const trimDevicesSql = userStatement<never>(
  "identity.trim_devices",
  `delete from known_devices where user_id = $1 and hash not in
     (select d.hash from known_devices d where d.user_id = $1 order by d.seen_at desc, d.hash limit 30)`,
);

export async function insertDevice(tx: UserTx, hash: Buffer): Promise<void> {
  await tx.query(insertDeviceSql, [hash]);
  await tx.query(trimDevicesSql);
}

const forgetDevicesSql = userStatement<never>(
  "identity.forget_devices",
  "delete from known_devices where user_id = $1",
);

/** Treats every device as unknown from now on. */
export async function forgetDevices(tx: UserTx): Promise<void> {
  await tx.query(forgetDevicesSql);
}

const noteSignInSql = userStatement<{ user_id: string }>(
  "identity.note_sign_in",
  "update users set last_sign_in_at = now() where user_id = $1 and status = 'active' returning user_id",
);

/** Answers false, with nothing done, for somebody who may not sign in. */
export async function noteSignIn(tx: UserTx): Promise<boolean> {
  return (await tx.query(noteSignInSql)).length > 0;
}
