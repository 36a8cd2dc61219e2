// Every command, in the order of the help.

import type { Command } from "./command.ts";
import { lastMax, usualLast } from "./mail-range.ts";

const tenantFlags = [
  { name: "organisation", value: "org_...", sentence: "The organisation's id." },
  { name: "app", value: "app_...", sentence: "The app's id." },
];

export const commands: readonly Command[] = [
  {
    name: "serve",
    summary: "Serve, process and send. Starts the embedded database unless DATABASE_URL is set.",
    flags: [
      { name: "demo", sentence: "Make a demo organisation in an empty installation." },
      { name: "no-work", sentence: "Only take requests; leave processing and sending to `parley work`." },
    ],
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "work",
    summary: "Process and send only, beside any number of serving processes.",
    flags: [],
    load: async () => (await import("./serve.ts")).work,
  },
  {
    name: "chat",
    summary: "Talk to the demo's bot at the terminal.",
    flags: [
      { name: "trace", sentence: "Show what the engine did with each message." },
      { name: "app", value: "1|2", sentence: "Which of the demo's apps. The first unless said." },
      { name: "as", value: "name", sentence: "Be this member, to go on with an earlier conversation." },
      { name: "say", value: "text", sentence: "Say one thing, show the reply, and end." },
      { name: "wait-ms", value: "number", sentence: "With --say: how long to wait for replies. 2000 unless said." },
    ],
    load: async () => (await import("./chat.ts")).chat,
  },
  {
    name: "migrate",
    summary: "Bring the database schema up to date. The embedded database does so at every start.",
    flags: [],
    load: async () => (await import("./migrate.ts")).migrate,
  },
  {
    name: "setup",
    summary: "Use the set-up code of an empty server: make the first organisation and app, and a token for it.",
    flags: [
      { name: "code", value: "code", sentence: "The code the server printed." },
      { name: "organisation", value: "name", sentence: "Its name." },
      { name: "app", value: "name", sentence: "The first app's name." },
    ],
    load: async () => (await import("./credentials.ts")).setUp,
  },
  {
    name: "demo",
    summary: "`parley demo seed`: make a demo organisation with two apps and print all a client needs.",
    flags: [
      { name: "webhook-url", value: "address", sentence: "Add a webhook endpoint for every event of both channels." },
      { name: "callback-url", value: "address", sentence: "Where the custom channel sends its messages." },
    ],
    load: async () => (await import("./demo-seed.ts")).seed,
  },
  {
    name: "token",
    summary: "Issue an access token for one app. It is shown once.",
    flags: [
      ...tenantFlags,
      { name: "kind", value: "api|bot", sentence: "What it is for. api unless said." },
      { name: "scopes", value: "a:b,c:d", sentence: "What it may do." },
      { name: "name", value: "name", sentence: "Its name." },
      { name: "days", value: "number", sentence: "How long it lives: 90 days unless said, at most 365." },
    ],
    load: async () => (await import("./credentials.ts")).issue,
  },
  {
    name: "revoke-token",
    summary: "End an access token for good; its next call is refused.",
    flags: [...tenantFlags, { name: "token-id", value: "tok_...", sentence: "The token's id." }],
    load: async () => (await import("./credentials.ts")).revoke,
  },
  {
    name: "rotate-webhook-secret",
    summary: "Make a fresh secret for a webhook endpoint; the former signs too until the overlap ends.",
    flags: [
      ...tenantFlags,
      { name: "endpoint", value: "whe_...", sentence: "The endpoint's id." },
      { name: "overlap-hours", value: "number", sentence: "How long both sign: 24 unless said, 0 to 168." },
    ],
    load: async () => (await import("./credentials.ts")).rotateWebhookSecret,
  },
  {
    name: "admin",
    summary: "Help people who are locked out. What changes something is in their organisations' audit log.",
    acts: [
      { name: "list", sentence: "List users with their factors and places; --organisation for one organisation's." },
      {
        name: "create",
        sentence: "Make --email an owner of --organisation, with an account of --name if there is none.",
      },
      { name: "reset-password-link", sentence: "Make a link that sets a password once; hand it over yourself." },
      { name: "reset-factors", sentence: "Take all second factors and recovery codes away and end the sessions." },
      { name: "sessions", sentence: "List a user's sessions; --end ends them all." },
    ],
    flags: [
      { name: "user", value: "usr_...", sentence: "The user's id." },
      { name: "email", value: "address", sentence: "The user's address, instead of the id." },
      { name: "name", value: "name", sentence: "For create: the name of a user who has no account yet." },
      { name: "organisation", value: "org_...", sentence: "For list and create: the organisation's id." },
      { name: "end", sentence: "For sessions: end them all." },
    ],
    load: async () => (await import("./admin.ts")).administer,
  },
  {
    name: "mail",
    summary: "Show the letters that a server without PARLEY_SMTP_URL keeps, newest first.",
    flags: [
      { name: "last", value: "number", sentence: `How many to list: ${usualLast} unless said, at most ${lastMax}.` },
      { name: "id", value: "id", sentence: "Show this letter whole, with its links." },
      { name: "check", sentence: "Greet the mail server of PARLEY_SMTP_URL and sign in, without sending." },
    ],
    load: async () => (await import("./mail.ts")).readMail,
  },
  {
    name: "config",
    summary: "List every setting, what it is for, and its value here (never a secret's).",
    flags: [],
    load: async () => (await import("./settings.ts")).listSettings,
  },
  {
    name: "bench",
    summary:
      "Measure throughput and latency against a bare floor on the same PostgreSQL, and what each protection costs.",
    flags: [
      { name: "quick", sentence: "Less than a minute, less exact." },
      { name: "rounds", value: "number", sentence: "Rounds of floor and product." },
      { name: "in-flight", value: "number", sentence: "Messages under way at once." },
      { name: "apps", value: "1,100", sentence: "Over how many apps the load is spread." },
      { name: "only", value: "part", sentence: "ratio, protections, webhook or growth." },
    ],
    load: async () => (await import("./bench.ts")).bench,
  },
];
