/** A hub with two providers, and a browser that signs in with them. */
import { systemClock } from '@skerry/platform/process/clock'
import { expect } from 'vitest'
import type { ProviderConfig } from '../../src/sso/provider-file.ts'
import { asBrowser, cookieOf, type Reply } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { type Claims, type OidcServer, startOidcServer, visit } from './oidc-server.ts'

type Begun = { url: string; cookie: string }

type AuditRow = { action: string; result: string; detail: Record<string, unknown> }

export type SsoHub = AsyncDisposable & {
  hub: TestHub
  plant: OidcServer
  office: OidcServer
  redirectUri: string
  /** Of `plant`; a test may change what its file says. */
  plantConfig: ProviderConfig
  nowMs(): number
  later(ms: number): void
  begin(provider?: string, options?: { cookie?: string; purpose?: string }): Promise<Begun>
  finish(begun: Pick<Begun, 'cookie'>, answer: string): Promise<Reply>
  /** All of it, as somebody at the provider. */
  enter(who: Claims, provider?: 'plant' | 'office'): Promise<Reply>
  /** The newest record that the query finds. */
  newest(query: string): Promise<AuditRow | undefined>
}

/** `plant` lets everybody in by the groups; `office` whoever was invited. */
export async function startSsoHub(): Promise<SsoHub> {
  let nowMs = Date.now()
  const plant = await startOidcServer('plant')
  const office = await startOidcServer('office')
  const roles = [
    { group: 'ml-admins', role: 'administrator' as const },
    { group: 'ml-staff', role: 'viewer' as const },
    { group: 'oslo', role: 'oslo-operator' },
    { group: 'ghosts', role: 'no-such-role' },
  ]
  const plantConfig = plant.config({ roles, emailDomains: ['plant.example'], secondFactorAcr: ['gold'] })
  const hub = await startTestHub({
    clock: { ...systemClock, nowMs: () => nowMs },
    providers: [plantConfig, office.config({ admit: 'invited', label: 'Office', scopes: ['openid', 'email'] })],
  })
  const redirectUri = `${hub.url}/sso`
  for (const server of [plant, office]) server.serve(redirectUri)
  const self: SsoHub = {
    hub,
    plant,
    office,
    plantConfig,
    redirectUri,
    nowMs: () => nowMs,
    later(ms) {
      nowMs += ms
    },
    async begin(provider = 'plant', { cookie, purpose } = {}) {
      const body = purpose === undefined ? {} : { purpose }
      const answer = await asBrowser(hub, cookie)('POST', `/v1/account/providers/${provider}`, body)
      expect(answer.status, answer.text).toBe(200)
      return { url: String(answer.body.url), cookie: cookieOf(answer) }
    },
    finish: ({ cookie }, answer) => asBrowser(hub, cookie)('PUT', '/v1/account/providers', { answer }),
    async enter(who, provider = 'plant') {
      self[provider].person = who
      const begun = await self.begin(provider)
      return self.finish(begun, await visit(self[provider], begun.url, redirectUri))
    },
    async newest(query) {
      const path = `/v1/audit?newestFirst=true&limit=1&${query}`
      return (await hub.ask<{ rows: AuditRow[] }>('GET', path)).body.rows[0]
    },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]()
      await plant[Symbol.asyncDispose]()
      await office[Symbol.asyncDispose]()
    },
  }
  return self
}

export const person = (name: string, more: Partial<Claims> = {}): Claims => ({
  sub: `sub-${name}`,
  email: `${name}@plant.example`,
  email_verified: true,
  name,
  groups: ['ml-staff'],
  ...more,
})

export const sessionOf = ({ headers }: Reply) =>
  [headers['set-cookie']]
    .flat()
    .map((text) => String(text).split(';')[0] ?? '')
    .find((text) => text.includes('-session=')) ?? ''
