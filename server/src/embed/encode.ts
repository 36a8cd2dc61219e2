// A file in each content coding it is sent in (RFC 9110 8.4). Compressed once, when the server starts, as tightly as can be;
// each coding has a tag of its own, because a tag names bytes.

import { brotliCompressSync, gzipSync, constants as zlib } from "node:zlib";

type Coding = "br" | "gzip";

export interface Encoded {
  /** Undefined: as it is. */
  readonly coding: Coding | undefined;
  readonly body: Buffer;
  /** A strong entity tag with its quotation marks. */
  readonly tag: string;
}

/** The best first; the last is the file as it is. */
export type Encodings = readonly [...Encoded[], Encoded];

/** The file in every coding that makes it smaller. `integrity` names its bytes. */
export function encode(body: Buffer, integrity: string): Encodings {
  const smaller: Encoded[] = [
    {
      coding: "br" as const,
      body: brotliCompressSync(body, { params: { [zlib.BROTLI_PARAM_SIZE_HINT]: body.length } }),
      tag: `"${integrity}-br"`,
    },
    { coding: "gzip" as const, body: gzipSync(body, { level: 9 }), tag: `"${integrity}-gzip"` },
  ].filter((encoded) => encoded.body.length < body.length);
  return [...smaller, { coding: undefined, body, tag: `"${integrity}"` }];
}

/** The weight of each coding an `Accept-Encoding` names (RFC 9110 12.5.3); one that cannot be read counts as refused. */
function readWeights(accepted: string): ReadonlyMap<string, number> {
  const members = accepted.toLowerCase().split(",");
  return new Map(
    members.map((member) => {
      const [name = "", ...parameters] = member.split(";").map((part) => part.trim());
      const [weight] = parameters.flatMap((one) => /^q=(.*)$/.exec(one)?.slice(1) ?? []);
      const isReadable = weight === undefined || /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight);
      return [name === "x-gzip" ? "gzip" : name, isReadable ? Number(weight ?? 1) : 0];
    }),
  );
}

/** What is sent for an `Accept-Encoding`: of the codings that are wanted most, the best; as it is for who names none. */
export function chooseEncoding(encodings: Encodings, accepted: string | undefined): Encoded {
  const weights = readWeights(accepted ?? "");
  const weightOf = ({ coding }: Encoded): number => (coding && (weights.get(coding) ?? weights.get("*"))) ?? 0;
  // Sorting is stable: among equals the best stays first, and what nobody asked for ends behind the file as it is.
  const [wanted] = encodings.filter((one) => weightOf(one) > 0).sort((a, b) => weightOf(b) - weightOf(a));
  return wanted ?? (encodings.at(-1) as Encoded);
}
