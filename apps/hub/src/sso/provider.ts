/**
 * Provider: one OpenID Connect provider, spoken to with oauth4webapi. Authorisation code flow with PKCE (S256), state and nonce; every ID token's
 * signature is verified with the provider's keys although it comes over TLS, by algorithms with a public key only.
 */
import type { Claims } from '@skerry/core/people/single-sign-on'
import * as oauth from 'oauth4webapi'
import { providerFetch } from './provider-fetch.ts'
import type { ProviderConfig } from './provider-file.ts'

/**
 * [RFC 8725 3.1, 3.2] What a token may be signed with, whatever it says of itself. Not `none`, and not HS256 and the like: their key would be one that
 * others have.
 */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** A provider that moves or changes its keys says so in its metadata: asked for anew this often. */
const METADATA_LIFE_MS = 600_000

/** A person waits for it. */
const TIMEOUT_MS = 10_000

/** [OpenID Connect Core 1.0, 3.1.3.7] For clocks that are not quite right. */
const CLOCK_TOLERANCE_SECONDS = 30

/** What belongs to one attempt: kept by the hub's own ticket, never told to the provider whole. */
export type Attempt = { state: string; nonce: string; verifier: string; redirectUri: string }

export type SsoProvider = {
  readonly config: ProviderConfig
  /** Where the browser goes. */
  addressFor(attempt: Attempt, signal: AbortSignal): Promise<string>
  /** What the provider says of the person, verified; throws where anything is not as it must be. */
  claimsOf(answer: URLSearchParams, attempt: Attempt, signal: AbortSignal): Promise<Claims & { sub: string }>
}

/** Doors to a provider that nobody has asked yet. */
export function createProvider(config: ProviderConfig, clock: { nowMs(): number }): SsoProvider {
  const line = lineTo(config)
  let known: { server: oauth.AuthorizationServer; untilMs: number } | undefined
  async function discover(signal: AbortSignal): Promise<oauth.AuthorizationServer> {
    const nowMs = clock.nowMs()
    if (known && nowMs < known.untilMs) return known.server
    const issuer = new URL(config.issuer)
    const server = believable(
      await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, line.asking(signal))),
    )
    known = { server, untilMs: nowMs + METADATA_LIFE_MS }
    return server
  }
  return {
    config,
    addressFor: async (attempt, signal) => addressOf(line, await discover(signal), attempt),
    claimsOf: async (answer, attempt, signal) => redeem(line, await discover(signal), { answer, attempt, signal }),
  }
}

type Line = ReturnType<typeof lineTo>

function lineTo(config: ProviderConfig) {
  const fetcher = providerFetch(config.caPem)
  const isInsecure = config.issuer.startsWith('http:')
  const jwks: oauth.JWKSCacheInput = {}
  const client: oauth.Client = { client_id: config.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS }
  const asking = (signal: AbortSignal) => ({
    [oauth.customFetch]: fetcher,
    [oauth.allowInsecureRequests]: isInsecure,
    [oauth.jwksCache]: jwks,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  })
  return { config, client, isInsecure, asking }
}

/** The provider as it describes itself, without algorithms that nobody should believe. */
function believable(server: oauth.AuthorizationServer): oauth.AuthorizationServer {
  const offered = server.id_token_signing_alg_values_supported ?? ['RS256']
  const algorithms = offered.filter((name) => ALGORITHMS.includes(name))
  if (algorithms.length === 0) throw new Error('the provider offers no signature algorithm that the hub accepts')
  return { ...server, id_token_signing_alg_values_supported: algorithms }
}

async function addressOf({ config, isInsecure }: Line, server: oauth.AuthorizationServer, attempt: Attempt) {
  if (server.authorization_endpoint === undefined) throw new Error('the provider has no authorization_endpoint')
  const url = new URL(server.authorization_endpoint)
  if (url.protocol !== 'https:' && !isInsecure) throw new Error('the authorization_endpoint is not https')
  const { state, nonce, verifier, redirectUri } = attempt
  const wishes = {
    client_id: config.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    state,
    nonce,
    scope: config.scopes.join(' '),
    code_challenge_method: 'S256',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    ...(config.acrValues.length > 0 && { acr_values: config.acrValues.join(' ') }),
  }
  for (const [name, value] of Object.entries(wishes)) url.searchParams.set(name, value)
  return url.href
}

type Redeeming = { answer: URLSearchParams; attempt: Attempt; signal: AbortSignal }

async function redeem(
  { config, client, asking }: Line,
  server: oauth.AuthorizationServer,
  { answer, attempt, signal }: Redeeming,
): Promise<Claims & { sub: string }> {
  const { state, nonce, verifier, redirectUri } = attempt
  // [RFC 9207] Also that the answer comes from this provider, where it can say so.
  const checked = oauth.validateAuthResponse(server, client, answer, state)
  const options = asking(signal)
  const auth = authenticationOf(config, server)
  const asked = [server, client, auth, checked, redirectUri, verifier, options] as const
  const response = await oauth.authorizationCodeGrantRequest(...asked)
  const expected = { expectedNonce: nonce, requireIdToken: true }
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, expected)
  await oauth.validateApplicationLevelSignature(server, response, options)
  const claims = oauth.getValidatedIdTokenClaims(tokens)
  // [OpenID Connect Core 1.0, 2] Who it is, in 255 characters at most.
  if (!claims?.sub || claims.sub.length > 255) {
    throw new oauth.OperationProcessingError('the ID token names no person', { code: oauth.INVALID_RESPONSE })
  }
  if (server.userinfo_endpoint === undefined || hasAll(claims, config)) return claims
  const more = await oauth.userInfoRequest(server, client, tokens.access_token, options)
  // What is signed comes first.
  return { ...(await oauth.processUserInfoResponse(server, client, claims.sub, more)), ...claims }
}

/** Many providers put little into the ID token, and the rest where one has to ask for it. */
const hasAll = (claims: object, { groupsClaim, roles }: ProviderConfig) =>
  'email' in claims && 'name' in claims && (roles.length === 0 || groupsClaim in claims)

/** [OpenID Connect Core 1.0, 9] `client_secret_basic` is what every provider knows that says nothing. */
function authenticationOf({ clientSecret }: ProviderConfig, server: oauth.AuthorizationServer): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None()
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret)
}
