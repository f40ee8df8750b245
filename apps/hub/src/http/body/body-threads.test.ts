import type { OrganisationId } from '@skerry/contract/values/ids'
import { expect, onTestFinished, test } from 'vitest'
import { createBodyThreads } from './body-threads.ts'

const GREEDY = 'org_greedy' as OrganisationId
const MODEST = 'org_modest' as OrganisationId

function threads() {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const { prepare } = createBodyThreads(stop.signal)
  const never = new AbortController().signal
  const send = (who: OrganisationId, text: string, signal = never) =>
    prepare(
      who,
      { path: ['site', 'apply'], params: { name: 'oslo' }, bytes: new Uint8Array(Buffer.from(text)) },
      signal,
    )
  return { stop, send }
}

test('an organisation that sends much waits behind itself; another has its answer meanwhile', async () => {
  const { send } = threads()
  // Both threads run before anything is compared.
  await Promise.all([send(GREEDY, '{}'), send(MODEST, '{}')])
  const order: string[] = []
  const note = (name: string) => () => void order.push(name)
  const large = `[${'1,'.repeat(500_000)}1]`
  const greedy = Array.from({ length: 6 }, () => send(GREEDY, large).then(note('greedy')))
  await send(MODEST, '{"kind":"edge"}').then(note('modest'))
  await Promise.all(greedy)
  expect(order.indexOf('modest')).toBeLessThan(5)
})

test('a body is checked by the schema of its procedure', async () => {
  const { send } = threads()
  expect(await send(MODEST, '{"kind":"edge"}')).toEqual({ ok: true, body: { kind: 'edge' }, prepared: {} })
  expect(await send(MODEST, '{"kind":"nowhere"}')).toMatchObject({
    code: 'input_invalid',
    data: { issues: [{ path: 'kind' }] },
  })
  expect(await send(MODEST, '[')).toMatchObject({ ok: false, message: 'the body is not JSON' })
})

test('a body of a caller that has gone waits no more', async () => {
  const { send } = threads()
  const leaving = new AbortController()
  // One is with a thread, and 63 wait.
  const early = Array.from({ length: 64 }, () => send(GREEDY, '{}', leaving.signal))
  leaving.abort()
  expect(await send(GREEDY, '{}', leaving.signal), 'gone before it came').toMatchObject({
    message: 'the caller has left',
  })
  const late = Array.from({ length: 64 }, () => send(GREEDY, '{"kind":"edge"}'))
  expect((await Promise.all(late)).map(({ ok }) => ok)).toEqual(Array(64).fill(true))
  expect((await Promise.all(early)).map(({ ok }) => ok)).toEqual(Array(64).fill(false))
})

test('too much that waits is refused, and the rest ends with its caller or the hub', async () => {
  const { stop, send } = threads()
  const leaving = new AbortController()
  const left = send(MODEST, '{}', leaving.signal)
  const waiting = Array.from({ length: 70 }, () => send(GREEDY, '{}'))
  leaving.abort()
  expect(await left).toMatchObject({ ok: false, message: 'the caller has left' })
  stop.abort()
  const codes = (await Promise.all(waiting)).map((result) => (result.ok ? 'ok' : result.code))
  expect(codes.filter((code) => code === 'hub_busy')).toHaveLength(5)
  expect(codes.filter((code) => code === 'hub_unavailable')).toHaveLength(65)
  expect(await send(GREEDY, '{}')).toMatchObject({ ok: false, code: 'hub_unavailable' })
})
