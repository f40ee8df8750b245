/** A real OpenID provider (oidc-provider) over TLS, for tests: who signs in there is said by the test, and its tokens can be forged on the way. */

import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { Provider } from 'oidc-provider'
import type { ProviderConfig } from '../../src/sso/provider-file.ts'

export const CLIENT = { id: 'skerry', secret: 'a client secret of a hub in a test' }

export type Claims = Record<string, unknown> & { sub: string }

export type OidcServer = AsyncDisposable & {
  issuer: string
  caPem: string
  privateKey: KeyObject
  publicJwk: JsonWebKey
  /** Who is at the keyboard. */
  person: Claims
  /** Makes another ID token of the one that goes out. */
  forge: ((token: string) => string) | undefined
  /** Changes an answer on its way: metadata, keys. */
  bend: ((path: string, body: Record<string, unknown>) => Record<string, unknown>) | undefined
  /** Questions so far, by path. */
  asked: string[]
  /** Ready for the hub at the address. */
  serve(redirectUri: string): void
  config(more?: Partial<ProviderConfig>): ProviderConfig
}

export async function startOidcServer(id = 'plant'): Promise<OidcServer> {
  const authority = await createAuthority({ commonName: 'the plant', nowMs: Date.now() })
  const tls = await issueServerCertificate(authority, { names: ['localhost'], nowMs: Date.now() })
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  let provider: Provider | undefined
  const server = createServer({ key: tls.privateKeyPem, cert: tls.certificatePem })
  server.on('request', (incoming, outgoing) => {
    const path = incoming.url?.split('?')[0] ?? ''
    self.asked.push(path)
    bendAnswer(self, path, outgoing)
    if (path.startsWith('/interaction/')) void interact(provider as Provider, self.person, incoming, outgoing)
    else void provider?.callback()(incoming, outgoing)
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`
  const self: OidcServer = {
    issuer,
    caPem: authority.certificatePem,
    privateKey,
    publicJwk: publicKey.export({ format: 'jwk' }),
    person: { sub: 'nobody' },
    forge: undefined,
    bend: undefined,
    asked: [],
    serve(redirectUri) {
      const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'first', use: 'sig' }
      provider = newProvider({ issuer, redirectUri, jwk, person: () => self.person })
    },
    config: (more = {}) => ({
      id,
      label: 'Plant account',
      issuer,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      caPem: authority.certificatePem,
      scopes: ['openid', 'email', 'profile', 'groups'],
      organisation: 'default',
      groupsClaim: 'groups',
      roles: [],
      roleOtherwise: undefined,
      emailDomains: [],
      trustEmail: false,
      admit: 'everybody' as const,
      acrValues: [],
      secondFactorAcr: [],
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
  return self
}

type Serving = { issuer: string; redirectUri: string; jwk: object; person: () => Claims }

function newProvider({ issuer, redirectUri, jwk, person }: Serving): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [jwk as never] },
    cookies: { keys: ['a key of a test'] },
    pkce: { required: () => true },
    scopes: ['openid'],
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    claims: {
      openid: ['sub', 'acr', 'amr'],
      email: ['email', 'email_verified'],
      profile: ['name'],
      groups: ['groups'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => person() }),
  })
}

/** The person types the password, and agrees. */
async function interact(provider: Provider, person: Claims, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { params } = await provider.interactionDetails(incoming, outgoing)
  const grant = new provider.Grant({ accountId: person.sub, clientId: String(params.client_id) })
  grant.addOIDCScope(String(params.scope))
  const { amr, acr } = person
  const login = {
    accountId: person.sub,
    ...(amr ? { amr: amr as string[] } : {}),
    ...(acr ? { acr: String(acr) } : {}),
  }
  await provider.interactionFinished(incoming, outgoing, { login, consent: { grantId: await grant.save() } })
}

function bendAnswer(self: OidcServer, path: string, outgoing: ServerResponse): void {
  const { forge, bend } = self
  if (!forge && !bend) return
  const end = outgoing.end.bind(outgoing)
  outgoing.end = ((chunk?: unknown) => {
    const isJson = String(outgoing.getHeader('content-type')).includes('json')
    if (!isJson || chunk === undefined) return end(chunk as string)
    let body = JSON.parse(String(chunk)) as Record<string, unknown>
    if (forge && typeof body.id_token === 'string') body = { ...body, id_token: forge(body.id_token) }
    if (bend) body = bend(path, body)
    const text = JSON.stringify(body)
    outgoing.setHeader('content-length', Buffer.byteLength(text))
    return end(text)
  }) as typeof outgoing.end
}

/** Goes where the browser is sent until it is sent back, and gives what the provider hands back. */
export async function visit(server: Pick<OidcServer, 'caPem'>, url: string, redirectUri: string): Promise<string> {
  const jar = new Map<string, string>()
  let next = url
  for (let step = 0; step < 10; step++) {
    const { location, cookies, status } = await look(next, server.caPem, jar)
    for (const cookie of cookies) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split(/=(.*)/s)
      jar.set(name, value)
    }
    if (location === undefined) throw new Error(`the provider answers ${status} at ${next}`)
    next = new URL(location, next).href
    if (next.startsWith(`${redirectUri}?`)) return next.slice(redirectUri.length + 1)
  }
  throw new Error('the provider sends the browser round and round')
}

function look(url: string, ca: string, jar: ReadonlyMap<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number
    location: string | undefined
    cookies: string[]
  }>()
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const asking = request(url, { ca, agent: false, headers: { cookie } }, (answer) => {
    answer.resume()
    const { location, 'set-cookie': cookies = [] } = answer.headers
    resolve({ status: answer.statusCode ?? 0, location, cookies })
  })
  asking.on('error', reject)
  asking.end()
  return promise
}
