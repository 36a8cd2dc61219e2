// How a password hash is written down: the PHC string format, with a name of its own because what stands behind the last
// `$` is not Argon2's output but its HMAC under the pepper.
//
//   $argon2id-hmac-sha256$v=19$m=65536,t=3,p=1,keyid=<8 bytes>$<salt>$<mac>
//
// Bytes are base64 without padding. `keyid` names the pepper, so the right one is chosen and never tried out.

export interface HashParameters {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

export interface StoredHash {
  readonly parameters: HashParameters;
  readonly pepperId: string;
  readonly salt: Buffer;
  readonly mac: Buffer;
}

const pattern =
  /^\$argon2id-hmac-sha256\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2}),keyid=([A-Za-z0-9+/]{11})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** What a row may ask for at most, so that an altered row cannot exhaust the machine: 1 GiB, 16 passes. */
const memoryKibMax = 1_048_576;
const passesMax = 16;

/** Writes a hash down. */
export function formatHash({ parameters, pepperId, salt, mac }: StoredHash): string {
  const { memoryKib, passes, lanes } = parameters;
  const costs = `m=${memoryKib},t=${passes},p=${lanes},keyid=${pepperId}`;
  return `$argon2id-hmac-sha256$v=19$${costs}$${toText(salt)}$${toText(mac)}`;
}

/** Reads a hash; undefined for anything that `formatHash` does not write. */
export function findHash(stored: string): StoredHash | undefined {
  const [, memory, passes, lanes, pepperId = "", salt = "", mac = ""] = pattern.exec(stored) ?? [];
  const parameters = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const isSane =
    parameters.memoryKib >= 8 * parameters.lanes &&
    parameters.memoryKib <= memoryKibMax &&
    parameters.passes >= 1 &&
    parameters.passes <= passesMax &&
    parameters.lanes >= 1;
  if (!isSane) return undefined;
  return { parameters, pepperId, salt: Buffer.from(salt, "base64"), mac: Buffer.from(mac, "base64") };
}

/** Base64 without padding. */
export function toText(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
