// The SQL of devices that signed in before. Of a device's token only SHA-256 is stored (it holds 256 random bits).

import { type UserTx, userStatement } from "../../../platform/db/index.ts";

const recogniseSql = userStatement<{ user_id: string }>(
  "identity.recognise_device",
  "update known_devices set seen_at = now() where user_id = $1 and hash = $2 returning user_id",
);

/** Answers whether the device is known to the person, and notes that it was seen. */
export async function recogniseDevice(tx: UserTx, hash: Buffer): Promise<boolean> {
  return (await tx.query(recogniseSql, [hash])).length > 0;
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

const noteSignInSql = userStatement<{ has_signed_in: boolean }>(
  "identity.note_sign_in",
  `update users u set last_sign_in_at = now()
   from (select o.last_sign_in_at as at from users o where o.user_id = $1) former
   where u.user_id = $1 and u.status = 'active' returning former.at is not null as has_signed_in`,
);

/** Notes a sign-in, and whether there was one before. Undefined, with nothing done, for somebody who may not sign in. */
export async function noteSignIn(tx: UserTx): Promise<{ hasSignedIn: boolean } | undefined> {
  const row = (await tx.query(noteSignInSql))[0];
  return row === undefined ? undefined : { hasSignedIn: row.has_signed_in };
}
