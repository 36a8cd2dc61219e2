export { type AuthenticateOptions, authenticateToken, type TokenShown } from "./authenticate.ts";
export { tokenErrors } from "./errors.ts";
export { isTokenSpelling, publishedPattern, type TokenKind, tokenPattern } from "./format.ts";
export { issueToken } from "./issue-token.ts";
export { createTokenOperations } from "./operations/index.ts";
export { listScopeMistakes } from "./scopes.ts";
export { revokeToken } from "./store.ts";
export type { TokenDeps } from "./token-deps.ts";
export { warnExpiring } from "./warn-expiring.ts";
