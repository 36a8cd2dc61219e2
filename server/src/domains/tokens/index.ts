export { type AuthenticateOptions, authenticateToken } from "./authenticate.ts";
export { tokenErrors } from "./errors.ts";
export { isTokenSpelling, type TokenKind, tokenPattern } from "./format.ts";
export { issueToken } from "./issue-token.ts";
export { revokeToken } from "./store.ts";
