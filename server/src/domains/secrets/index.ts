export {
  drawSecret,
  keepSecret,
  purgeSecrets,
  readSecret,
  type SecretPurpose,
  type SecretReader,
  type SecretSubject,
  secretSeconds,
  trySecret,
  useSecret,
  voidSecrets,
} from "./one-time.ts";
