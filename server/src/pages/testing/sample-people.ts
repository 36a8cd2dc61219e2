// What the pages are tried with: an ordinary organisation, and one whose every name is an attack on the page.

const nowMs = Date.UTC(2026, 7, 14, 9, 30);
const dayMs = 86_400_000;

export interface SampleNames {
  readonly person: string;
  readonly email: string;
  readonly inviter: string;
  readonly organisation: string;
  readonly app: string;
  readonly role: string;
  readonly device: string;
  readonly passkey: string;
  readonly sentence: string;
}

export const ordinaryNames: SampleNames = {
  person: "Grace Lindqvist",
  email: "grace@northwind.example",
  inviter: "Amir Haddad",
  organisation: "Northwind Traders",
  app: "Web shop",
  role: "Support",
  device: "Firefox on Linux",
  passkey: "Phone",
  sentence: "There is nothing at this address.",
};

const markup = `"><img src=x onerror="window.hostile=1"><script>window.hostile=1</script>'\``;
const turned = "Ada \u202eecarG\u202c\u2066\u0000 \u05e9\u05dc\u05d5\u05dd";
const long = "Wolfeschlegelsteinhausenbergerdorff".repeat(6).slice(0, 200);

export const hostileNames: SampleNames = {
  person: `${markup}${turned}`,
  email: `${long}@example.com`,
  inviter: turned,
  organisation: markup,
  app: long,
  role: `${turned}${markup}`,
  device: `${markup} ${long}`,
  passkey: long,
  sentence: `${markup} ${turned} ${long}`,
};

export const sampleTimes = { nowMs, dayMs };

const challenge = "c2FtcGxlLWNoYWxsZW5nZS1zYW1wbGU";

export const getPrompt = {
  optionsJson: JSON.stringify({ challenge, rpId: "localhost", timeout: 60_000, userVerification: "required" }),
};

export const createPrompt = {
  optionsJson: JSON.stringify({
    challenge,
    rp: { id: "localhost", name: "Parley" },
    user: { id: "dXNlcg", name: "grace@northwind.example", displayName: "Grace" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    timeout: 60_000,
  }),
};
