/** trust, the guard: what it costs to know who calls and what they may do, beside what the call itself costs. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { api } from '@skerry/contract/api'
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import { admitKey } from '../../apps/hub/src/http/admission/key-guard.ts'
import type { OpenCall } from '../../apps/hub/src/http/call.ts'
import { joinPerson } from '../../apps/hub/test/stage/person.ts'
import type { TestHub } from '../../apps/hub/test/stage/running-hub.ts'
import { cpuUsEach, rounded } from './trust-clock.ts'

const CALLS = 2_000

const route = api.site.list['~orpc']
const called = {
  path: ['site', 'list'],
  meta: route.meta as ProcedureMeta,
  route: '/v1/sites',
  input: {},
}

/** The guard's own work, as every request has it done. */
export async function measureGuard(test: TestHub) {
  const cookie = await joinPerson(test, 'bench@plant.example', test.invitation)
  const byKey = () => admitKey(callOf(test, { authorization: `Bearer ${test.ownerKey}` }), called)
  const bySession = () => admitKey(callOf(test, { cookie }), called)
  const authOverheadUs = await cpuUsEach(CALLS, () => times(byKey))
  const sessionOverheadUs = await cpuUsEach(CALLS, () => times(bySession))
  const keyVerifyUs = await cpuUsEach(CALLS, () => times(() => test.hub.keys.verify(test.ownerKey)))
  const keyLookUpUs = await cpuUsEach(CALLS, () => times(() => lookUp(test)))
  const bareUs = await cpuUsEach(CALLS, () => times(async () => bareCompare(test.ownerKey)))
  return {
    authOverheadUs: rounded(authOverheadUs),
    sessionOverheadUs: rounded(sessionOverheadUs),
    keyVerifyMs: rounded(keyVerifyUs / 1_000),
    keyLookUpMs: rounded(keyLookUpUs / 1_000),
    authToBareCompare: rounded(authOverheadUs / bareUs),
  }
}

/** A key that is not remembered: the ring asks the database. */
function lookUp({ hub, ownerKey }: TestHub) {
  hub.bus.publish('everything.changed', '')
  return hub.keys.verify(ownerKey)
}

async function times(work: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < CALLS; count++) await work()
}

/** The least that any check of a secret does. */
function bareCompare(text: string): boolean {
  const hash = createHash('sha256').update(text).digest()
  return timingSafeEqual(hash, createHash('sha256').update(text).digest())
}

type Shown = { authorization?: string; cookie?: string }

const callOf = ({ hub }: TestHub, { authorization, cookie }: Shown): OpenCall => ({
  hub,
  requestId: 'req_bench',
  source: '127.0.0.1',
  authorization,
  browser: {
    cookie,
    name: 'bench',
    host: undefined,
    origin: undefined,
    fetchSite: 'same-origin',
    mark: undefined,
    organisation: undefined,
  },
  precondition: { ifMatch: undefined, ifNoneMatch: undefined },
  setTag() {},
  setCookie() {},
  entry: { isCounted: false, refusal: undefined, prepared: {} },
  trail: { organisationId: undefined, actor: { kind: 'anonymous', id: '', name: '' }, isRecorded: false },
})
