// A passkey device in software, with the browser in front of it. It makes and uses keys as a real one does, and it can be
// told to misbehave in one thing at a time, which real ones cannot.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { PasskeyRegistration, PasskeySignIn } from "../passkey-answers.ts";
import { type CborValue, toCbor } from "./cbor.ts";

export type KeyKind = "ES256" | "EdDSA" | "RS256";

/** Each departs in one thing from what a good device and browser do. */
export interface Misbehaviour {
  readonly isPresent?: boolean;
  readonly isVerified?: boolean;
  readonly isBackupEligible?: boolean;
  readonly isBackedUp?: boolean;
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly counter?: number;
  /** Changes the signature's bytes. */
  readonly alterSignature?: (signature: Buffer) => Buffer;
  /** Replaces the algorithm in the COSE key; undefined leaves it out. */
  readonly algorithm?: { readonly id: number | undefined };
  /** Replaces format and statement of the attestation. */
  readonly attestation?: { readonly format: string; readonly statement: ReadonlyMap<string, CborValue> };
  readonly userHandle?: string;
  readonly extraBytes?: Buffer;
}

interface Ceremony {
  readonly challenge: string;
}

const algorithmIds: Readonly<Record<KeyKind, number>> = { ES256: -7, EdDSA: -8, RS256: -257 };

export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(32);
  readonly #rpId: string;
  readonly #origin: string;
  readonly #kind: KeyKind;
  readonly #publicKey: KeyObject;
  readonly #privateKey: KeyObject;
  #counter = 0;

  constructor(place: { rpId: string; origin: string }, kind: KeyKind = "ES256") {
    this.#rpId = place.rpId;
    this.#origin = place.origin;
    this.#kind = kind;
    ({ publicKey: this.#publicKey, privateKey: this.#privateKey } = generatePair(kind));
  }

  /** Answers `createRegistrationOptions`. */
  register(ceremony: Ceremony, wrong: Misbehaviour = {}): PasskeyRegistration {
    const clientData = this.#writeClientData("webauthn.create", ceremony, wrong);
    const key = toCbor(this.#toCoseKey(wrong));
    const length = Buffer.of(this.credentialId.length >> 8, this.credentialId.length & 255);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.credentialId, key]);
    const { format, statement } = wrong.attestation ?? { format: "none", statement: new Map() };
    const attestation = new Map<string, CborValue>([
      ["fmt", format],
      ["attStmt", statement],
      ["authData", this.#writeAuthenticatorData({ ...wrong, counter: wrong.counter ?? 0 }, attested)],
    ]);
    return {
      credentialId: this.credentialId.toString("base64url"),
      clientDataJSON: clientData.toString("base64url"),
      attestationObject: toCbor(attestation).toString("base64url"),
      transports: ["internal"],
    };
  }

  /** Answers `createSignInOptions`. */
  signIn(ceremony: Ceremony, wrong: Misbehaviour = {}): PasskeySignIn {
    const clientData = this.#writeClientData("webauthn.get", ceremony, wrong);
    this.#counter = wrong.counter ?? this.#counter + 1;
    const data = this.#writeAuthenticatorData({ ...wrong, counter: this.#counter });
    const signed = Buffer.concat([data, createHash("sha256").update(clientData).digest()]);
    const signature = sign(this.#kind === "EdDSA" ? null : "sha256", signed, this.#privateKey);
    return {
      credentialId: this.credentialId.toString("base64url"),
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: (wrong.alterSignature?.(signature) ?? signature).toString("base64url"),
      ...(wrong.userHandle === undefined ? {} : { userHandle: wrong.userHandle }),
    };
  }

  #writeClientData(type: string, { challenge }: Ceremony, wrong: Misbehaviour): Buffer {
    const { topOrigin } = wrong;
    return Buffer.from(
      JSON.stringify({
        type: wrong.type ?? type,
        challenge: wrong.challenge ?? challenge,
        origin: wrong.origin ?? this.#origin,
        crossOrigin: wrong.crossOrigin ?? false,
        ...(topOrigin === undefined ? {} : { topOrigin }),
      }),
    );
  }

  #writeAuthenticatorData(wrong: Misbehaviour & { counter: number }, attested = Buffer.alloc(0)): Buffer {
    const flags =
      Number(wrong.isPresent ?? true) |
      (Number(wrong.isVerified ?? true) << 2) |
      (Number(wrong.isBackupEligible ?? false) << 3) |
      (Number(wrong.isBackedUp ?? false) << 4) |
      (Number(attested.length > 0) << 6);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(wrong.counter);
    const rpIdHash = createHash("sha256")
      .update(wrong.rpId ?? this.#rpId)
      .digest();
    return Buffer.concat([rpIdHash, Buffer.of(flags), counter, attested, wrong.extraBytes ?? Buffer.alloc(0)]);
  }

  #toCoseKey(wrong: Misbehaviour): ReadonlyMap<number, CborValue> {
    const jwk = this.#publicKey.export({ format: "jwk" });
    const part = (name: "x" | "y" | "n" | "e") => Buffer.from(jwk[name] ?? "", "base64url");
    const id = wrong.algorithm === undefined ? algorithmIds[this.#kind] : wrong.algorithm.id;
    const algorithm: [number, number][] = id === undefined ? [] : [[3, id]];
    const parts: Record<KeyKind, [number, CborValue][]> = {
      ES256: [
        [-1, 1],
        [-2, part("x")],
        [-3, part("y")],
      ],
      EdDSA: [
        [-1, 6],
        [-2, part("x")],
      ],
      RS256: [
        [-1, part("n")],
        [-2, part("e")],
      ],
    };
    const keyType = { ES256: 2, EdDSA: 1, RS256: 3 }[this.#kind];
    return new Map<number, CborValue>([[1, keyType], ...algorithm, ...parts[this.#kind]]);
  }
}

function generatePair(kind: KeyKind): { publicKey: KeyObject; privateKey: KeyObject } {
  if (kind === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (kind === "EdDSA") return generateKeyPairSync("ed25519");
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}
