import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { deep, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { branchedTimesFiles, externalTimesFiles, infer, timesFiles } from './stage/models.ts'

/** Bytes that do not repeat, as weights do not. */
const noise = (sizeBytes: number) =>
  Buffer.from(Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 2_654_435_761) >>> 13))

test(
  'goes on from the byte where a cut or a kill left it, and fetches nothing twice',
  strict('a kill in the middle of a transfer'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const weights = noise(3_000_000)
    const first = startAgent(data, '--join', hub.token)
    hub.answers.cutAfterBytes = 100_000
    const item = hub.publish({ version: 1, files: { ...timesFiles(2), 'weights/side.bin': weights } })
    hub.desire(item)
    const large = item.files.find(({ path }) => path === 'weights/side.bin')?.digest
    const starts = () =>
      hub.downloads.filter(({ digest }) => decodeURIComponent(digest) === large).map(({ start }) => start)
    await expect.poll(() => starts().length).toBeGreaterThanOrEqual(2)
    await first.kill()
    await using second = startAgent(data)
    await hub.item('m', ({ state }) => state === 'active')
    expect(starts()).toEqual(starts().toSorted((one, other) => one - other))
    expect(starts().slice(0, 2)[1]).toBeGreaterThan(0)
    expect(starts().filter((start) => start === 0)).toHaveLength(1)
    const asked = hub.downloads.length
    hub.desire(hub.publish({ version: 2, files: { ...timesFiles(3), 'weights/side.bin': weights } }))
    await hub.item('m', ({ state, target }) => state === 'active' && target.version === 2)
    expect(hub.downloads.slice(asked).map(({ digest }) => decodeURIComponent(digest))).not.toContain(large)
    expect(await infer(await second.rest())).toMatchObject({ value: 3 })
  },
)

/** Opened when this minute began, and shuts in so many seconds until tomorrow. */
function windowThatShutsIn(seconds: number) {
  const now = new Date()
  const cron = `${now.getUTCMinutes()} ${now.getUTCHours()} * * *`
  return { cron, timeZone: 'UTC', durationSeconds: now.getUTCSeconds() + seconds }
}

test(
  'a transfer stops when its window shuts, and goes on from its bytes when it may',
  deep('waits 20 s for a window to shut; apps/cli/test/windows is quick'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
    await agent.logged('link_up')
    // Four hundred pieces: no machine has them all before the window shuts.
    hub.answers.cutAfterBytes = 50_000
    const item = hub.publish({ version: 1, files: { ...timesFiles(2), 'weights/side.bin': noise(20_000_000) } })
    hub.desire({ ...item, window: { download: windowThatShutsIn(20) } })
    const waiting = await hub.item('m', ({ cause }) => cause?.code === 'window_waits')
    expect(waiting.state).toBe('fetching')
    expect(waiting.opensAtMs).toBeGreaterThan(Date.now() + 3_600_000)
    const large = item.files.find(({ path }) => path === 'weights/side.bin')?.digest
    const starts = () =>
      hub.downloads.filter(({ digest }) => decodeURIComponent(digest) === large).map(({ start }) => start)
    const before = starts().length
    expect(before, 'it was under way').toBeGreaterThan(0)
    delete hub.answers.cutAfterBytes
    hub.desire(item)
    await hub.item('m', ({ state }) => state === 'active')
    expect(starts()[before]).toBeGreaterThan(0)
    expect(starts().filter((start) => start === 0)).toHaveLength(1)
    expect(await infer(await agent.rest())).toMatchObject({ value: 2 })
  },
)

test(
  'only the newest intent is worked on: what is no longer wanted is not fetched to its end',
  deep('fetches 50 MB; the plan of core decides it in a table'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
    hub.answers.cutAfterBytes = 10_000
    hub.desire(hub.publish({ version: 1, files: { ...timesFiles(2), 'side.bin': noise(50_000_000) } }))
    await hub.item('m', ({ state }) => state === 'fetching')
    delete hub.answers.cutAfterBytes
    hub.desire(hub.publish({ version: 2, files: timesFiles(3) }))
    await hub.item('m', ({ state, target }) => state === 'active' && target.version === 2)
    expect(await infer(await agent.rest())).toMatchObject({ version: '2', value: 3 })
  },
)

test(
  'a hub that is gone in the middle is waited for, and named meanwhile',
  deep('a variant of the transfer that was cut'),
  async () => {
    const hub = await startFakeHub()
    const port = Number(new URL(hub.url).port)
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
    hub.answers.cutAfterBytes = 1_000_000
    const version = { version: 1, files: { ...timesFiles(2), 'side.bin': noise(4_000_000) } }
    hub.desire(hub.publish(version))
    await hub.item('m', ({ state }) => state === 'fetching')
    await hub[Symbol.asyncDispose]()
    await using again = await startFakeHub({ port, identity: hub.identity })
    again.publish(version)
    const item = await again.item('m', ({ state }) => state === 'active')
    expect(item.cause).toBeUndefined()
    expect(await infer(await agent.rest())).toMatchObject({ value: 2 })
  },
)

test('a model with external data, in a folder of its own, is served', async () => {
  await using hub = await startFakeHub()
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  hub.desire(hub.publish({ version: 1, files: externalTimesFiles(5) }))
  await hub.item('m', ({ state }) => state === 'active' || state === 'failed')
  expect(await infer(await agent.rest())).toMatchObject({ value: 5 })
})

test.each(['off', 'on'])(
  'and so it is with external data of a branch, models encrypted: %s',
  deep('a variant of the model with external data'),
  async (encrypted) => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    await using agent = startAgent(data, '--join', hub.token, '--encrypt-models', encrypted)
    hub.desire(hub.publish({ version: 1, files: branchedTimesFiles(5) }))
    const item = await hub.item('m', ({ state }) => state === 'active' || state === 'failed')
    expect(item.cause).toBeUndefined()
    expect(await infer(await agent.rest())).toMatchObject({ value: 5 })
    expect(await readdir(join(data, 'versions')).catch(() => []), 'copies that were needed for the load').toEqual([])
  },
)

test('an item that is no longer wanted is drained, and its files go', async () => {
  await using hub = await startFakeHub()
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  hub.desire()
  await hub.reported('nothing', ({ items, observedGeneration }) => items.length === 0 && observedGeneration === 2)
  expect(await infer(await agent.rest())).toMatchObject({ status: 404 })
  expect(await agent.logged('files_collected')).toMatchObject({ count: 2 })
})
