import { ORPCError } from '@orpc/client'
import { LINK_MESSAGE_LIFE_MS, LinkSession } from '@skerry/contract/link/link-message'
import { DeviceId } from '@skerry/contract/values/ids'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { linkSigners } from '@skerry/platform/signatures/link-signature'
import { expect, test } from 'vitest'
import { HubUnproved, openStreams } from './signed-streams.ts'

type Wire = Parameters<typeof openStreams>[0]

const keys = generateKeyPair()
const place = { deviceId: DeviceId.parse('dev_aaaaaaaaaaaa'), session: LinkSession.parse('a'.repeat(22)) }
const known = { ...place, trustedKeys: [keys.publicKeyPem] }
const { signal } = new AbortController()

/** A clock that notes its sleeps and takes no time. */
function sleeplessClock() {
  const slept: number[] = []
  return {
    slept,
    clock: {
      monotonicMs: () => 0,
      sleep: async (ms: number) => {
        slept.push(ms)
      },
    },
  }
}

const tooSoon = (retryAfterMs: number) => new ORPCError('rate_limited', { status: 429, data: { retryAfterMs } })

/** A hub that answers a call with these errors first. */
function wireOf(name: string, errors: unknown[], answer: unknown): Wire {
  const call = async () => {
    if (errors.length > 0) throw errors.shift()
    return answer
  }
  return { [name]: call } as unknown as Wire
}

test('a call that comes too soon is made again after the time that the hub named', async () => {
  const { slept, clock } = sleeplessClock()
  const client = openStreams(wireOf('jobDone', [tooSoon(700), tooSoon(40)], { counted: true }), known, clock)
  const result = { batchId: 'bat_aaaaaaaa', attempt: 1, outcome: 'succeeded' } as Parameters<typeof client.jobDone>[0]
  expect(await client.jobDone(result, { signal })).toEqual({ counted: true })
  expect(slept).toEqual([700, 40])
})

test('a wait that is too long to stand still for is a matter of the caller', async () => {
  const { slept, clock } = sleeplessClock()
  const client = openStreams(wireOf('renew', [tooSoon(600_000)], {}), known, clock)
  await expect(client.renew({ csr: 'csr' }, { signal })).rejects.toMatchObject({ code: 'rate_limited' })
  expect(slept).toEqual([])
})

test('a stream gives what the hub signed, and ends at the first message that it did not', async () => {
  const { clock } = sleeplessClock()
  const sign = linkSigners(keys, { nowMs: () => 1_000 })(place)
  async function* jobs() {
    yield sign('jobs', { kind: 'wipe' })
    yield { message: { kind: 'wipe' } }
  }
  const wire = { ...wireOf('jobs', [], jobs()), report: async () => ({ hubTimeMs: 1_000 }) } as unknown as Wire
  const client = openStreams(wire, known, clock)
  await client.report({} as Parameters<typeof client.report>[0], { signal })
  const stream = await client.jobs({ kinds: [] }, { signal })
  expect(await stream.next()).toEqual({ done: false, value: { kind: 'wipe' } })
  await expect(stream.next()).rejects.toThrow(HubUnproved)
})

test('a hub whose clock was set back is no other hub: the stream ends, and the next connection hears its time', async () => {
  const { clock } = sleeplessClock()
  let hubTimeMs = 1_000 + LINK_MESSAGE_LIFE_MS
  const sign = linkSigners(keys, { nowMs: () => hubTimeMs })(place)
  async function* jobs() {
    hubTimeMs = 1_000
    yield sign('jobs', { kind: 'wipe' })
  }
  const wire = { ...wireOf('jobs', [], jobs()), report: async () => ({ hubTimeMs }) } as unknown as Wire
  const client = openStreams(wire, known, clock)
  await client.report({} as Parameters<typeof client.report>[0], { signal })
  const stream = await client.jobs({ kinds: [] }, { signal })
  const error: unknown = await stream.next().catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ message: expect.stringContaining('it has expired') })
  expect(error).not.toBeInstanceOf(HubUnproved)
})
