import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSourceBoard } from './source-board.ts'
import { createSourceFleet } from './source-fleet.ts'
import { obeySources } from './source-request.ts'

const said = (name: string, value = 1, more: object = {}) => ({
  name,
  protocol: 'simulator',
  groups: [{ name: 'all', everyMs: 20, tags: [{ name: 'level', unit: 'm', signal: { kind: 'constant', value } }] }],
  ...more,
})

async function newStage(more: { thread?: URL; clock?: typeof systemClock } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-source-fleet-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const board = createSourceBoard()
  const fleet = createSourceFleet({ clock: systemClock, random: () => 0.01, board, ...more })
  onTestFinished(() => fleet[Symbol.asyncDispose]())
  const stateFolder = join(folder, 'states')
  const become = async (sources: object[], secrets: Record<string, string> = {}) => {
    const wanted = sources.map(async (source) => {
      const text = JSON.stringify(source)
      const name = 'name' in source ? String(source.name) : ''
      const path = join(folder, `${digestOf(text).slice(-8)}.json`)
      await writeFile(path, text)
      return { name, path, digest: digestOf(text) }
    })
    await fleet.become({ sources: await Promise.all(wanted), secrets, stateFolder })
  }
  return { board, fleet, become, stateFolder }
}

const LONG_MS = 60_000

test('a source that starts again is another connection of the same; what is not there is not', async () => {
  let nowMs = 0
  const { fleet, become } = await newStage({ clock: { ...systemClock, nowMs: () => ++nowMs } })
  await become([said('one'), said('two')])
  await vi.waitFor(() => expect(fleet.statuses()).toMatchObject([{ state: 'up' }, { state: 'up' }]), PATIENCE_MS)
  const before = new Map(fleet.statuses().map(({ name, sinceMs }) => [name, sinceMs]))
  expect(await fleet.restart('one')).toEqual({ ok: true, said: 'up' })
  await vi.waitFor(() => expect(fleet.statuses().map(({ state }) => state)).toEqual(['up', 'up']), PATIENCE_MS)
  const after = new Map(fleet.statuses().map(({ name, sinceMs }) => [name, sinceMs]))
  expect(after.get('one')).toBeGreaterThan(before.get('one') ?? 0)
  expect(after.get('two')).toBe(before.get('two'))
  expect(await fleet.restart('three')).toBeUndefined()
})

test('a source that starts again in this moment is waited for, and one that is removed is not there', async () => {
  const { fleet, become, board } = await newStage()
  await become([said('one')])
  const read = (source: string) => obeySources({ kind: 'tags', source, tags: undefined }, { fleet, board })
  const restarted = fleet.restart('one')
  // Its stop begins with the turn of the order, before any event of its thread.
  while (fleet.source('one')) await Promise.resolve()
  expect(await read('one')).toMatchObject({ ok: true })
  expect(await restarted).toMatchObject({ ok: true })
  const removed = become([])
  expect(await read('two')).toMatchObject({ ok: false, code: 'source_unknown' })
  await removed
  expect(await read('one')).toMatchObject({ ok: false, code: 'source_unknown' })
})

test('a source in quarantine runs again after a restart by a person, and its crashes count from zero', async () => {
  const thread = new URL('../../../../../packages/connectors/test/stage/crashing-thread.mjs', import.meta.url)
  const { fleet, become } = await newStage({ thread, clock: { ...systemClock, sleep: async () => undefined } })
  await become([said('one')])
  const isQuarantined = () =>
    vi.waitFor(
      () => expect(fleet.statuses()).toMatchObject([{ state: 'quarantined', figures: { crashes: 5 } }]),
      PATIENCE_MS,
    )
  await isQuarantined()
  expect(await fleet.restart('one')).toEqual({ ok: true, said: 'quarantined' })
  expect(fleet.statuses()[0]?.figures?.crashes).toBeLessThan(5)
  await isQuarantined()
})

test('a tag is written only while its interlock is fulfilled, and a source with an impossible condition does not run', async () => {
  const tags = (when: string) => [
    { name: 'closed', signal: { kind: 'constant', value: false }, write: {} },
    { name: 'motor', signal: { kind: 'constant', value: 0 }, write: { interlock: { when } } },
  ]
  const source = (when: string) => said('one', 1, { groups: [{ name: 'all', everyMs: 20, tags: tags(when) }] })
  const { fleet, become } = await newStage()
  await become([source('tags["closed"]')])
  await vi.waitFor(() => expect(fleet.statuses()).toMatchObject([{ state: 'up' }]), PATIENCE_MS)
  expect(await fleet.write('one', { tag: 'motor', value: 1 })).toMatchObject({
    ok: false,
    code: 'tag_interlocked',
    message: expect.stringContaining('closed is false'),
  })
  expect(await fleet.write('one', { tag: 'closed', value: true })).toEqual({ ok: true })
  expect(await fleet.write('one', { tag: 'motor', value: 1 })).toEqual({ ok: true })
  await become([source('tags["level"]')])
  expect(fleet.statuses()).toMatchObject([
    {
      state: 'refused',
      cause: {
        code: 'source_unreadable',
        message: expect.stringContaining('motor: write.interlock.when: the source has'),
      },
    },
  ])
})

test('one that the device refuses says why, also when it starts again', async () => {
  const { fleet, become } = await newStage()
  await become([{ ...said('one'), protocol: 'abacus' }])
  expect(await fleet.restart('one')).toMatchObject({ ok: false, code: 'source_refused' })
  expect(fleet.statuses()).toMatchObject([{ state: 'refused' }])
})

const trial = (source: object, more: object = {}) => ({
  text: JSON.stringify(source),
  tags: undefined,
  waitMs: LONG_MS,
  ...more,
})

test('a source is tried beside the running one of its name, which is not affected', async () => {
  const { fleet, become, board, stateFolder } = await newStage()
  expect(await fleet.test(trial(said('one')))).toMatchObject({ code: 'runner_gone' })
  await become([said('one', 1)])
  await vi.waitFor(() => expect(board.newest('one', 'level')).toMatchObject({ value: 1 }), PATIENCE_MS)
  const [before] = fleet.statuses()
  expect(await fleet.test(trial(said('one', 7)))).toMatchObject({
    ok: true,
    said: {
      state: 'up',
      silentCount: 0,
      omittedCount: 0,
      readings: [{ unit: 'm', value: { tag: 'level', quality: 'good', value: 7 } }],
    },
  })
  expect(board.newest('one', 'level')).toMatchObject({ value: 1 })
  expect(fleet.statuses()).toMatchObject([{ name: 'one', sinceMs: before?.sinceMs, digest: before?.digest }])
  expect(await readdir(stateFolder).catch(() => [])).toEqual([])
})

test('a source that cannot be tried is rejected before any connection', async () => {
  const { fleet, become } = await newStage()
  await become([])
  const codeOf = async (source: object, more: object = {}) => {
    const answer = await fleet.test(trial(source, more))
    return answer.ok ? answer.said : `${answer.code}: ${answer.message}`
  }
  expect(await codeOf({ name: 'one', protocol: 'abacus' })).toMatch(/^source_refused: this agent cannot run it/)
  const broker = {
    name: 'b',
    protocol: 'mqtt',
    connection: { host: 'h', user: 'u', password: { secret: 'plc' } },
    groups: [{ name: 'all', everyMs: 1_000, tags: [{ name: 'level', topic: 't' }] }],
  }
  expect(await codeOf(broker)).toMatch(/^source_refused: the device has no secret plc/)
  expect(await codeOf(said('one'), { tags: ['height'] })).toBe('tag_unknown: the source one has no tag height')
})

test('a trial reports unreachable equipment at once, and silence when its time is over', async () => {
  const { fleet, become } = await newStage()
  await become([])
  const away = {
    name: 'plc',
    protocol: 'modbus',
    connection: { host: '127.0.0.1', port: 1 },
    groups: [{ name: 'all', everyMs: 1_000, tags: [{ name: 'level', address: 'holding:1' }] }],
  }
  expect(await fleet.test(trial(away))).toMatchObject({
    said: {
      state: 'down',
      cause: { code: 'source_unreachable' },
      silentCount: 0,
      readings: [{ value: { quality: 'bad' } }],
    },
  })
  const silent = said('slow', 1, { connection: { delayMs: 60_000 } })
  expect(await fleet.test(trial(silent, { waitMs: 300 }))).toMatchObject({ said: { silentCount: 1, readings: [] } })
})

test('only so many trials run at once as there are places, and each place is free again afterwards', async () => {
  const { fleet, become } = await newStage()
  await become([])
  const slow = trial(said('slow', 1, { connection: { delayMs: 60_000 } }), { waitMs: 300 })
  const answers = await Promise.all([fleet.test(slow), fleet.test(slow), fleet.test(slow)])
  expect(answers.map((answer) => (answer.ok ? 'ok' : answer.code))).toEqual(['ok', 'ok', 'device_busy'])
  expect(await fleet.test(slow)).toMatchObject({ ok: true })
})
