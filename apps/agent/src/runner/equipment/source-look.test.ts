import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Look } from '@skerry/contract/hub/look'
import { SourceLook } from '@skerry/contract/sources/source-look'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSourceBoard } from './source-board.ts'
import { createSourceFleet } from './source-fleet.ts'
import { lookAtSource } from './source-look.ts'

const SOURCE = {
  name: 'press',
  protocol: 'simulator',
  groups: [
    {
      name: 'process',
      everyMs: 20,
      tags: [
        { name: 'level', unit: 'bar', signal: { kind: 'constant', value: 7 } },
        { name: 'broken', signal: { kind: 'constant', value: 7 }, expect: { max: 1 } },
      ],
    },
  ],
}

async function running(source: object = SOURCE) {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-source-look-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'press.json')
  const text = JSON.stringify(source)
  await writeFile(path, text)
  const board = createSourceBoard()
  const fleet = createSourceFleet({ clock: systemClock, random: () => 0.5, board })
  onTestFinished(() => fleet[Symbol.asyncDispose]())
  const wanted = { name: 'press', path, digest: digestOf(text) }
  await fleet.become({ sources: [wanted], secrets: {}, stateFolder: folder })
  return (tags?: string[]) =>
    lookAtSource({ kind: 'source', name: 'press', ...(tags && { tags }) }, { fleet, board }, 5)
}

const lookIn = (answer: ReturnType<typeof lookAtSource>): SourceLook => {
  if (!answer.ok) throw new Error(answer.message)
  return SourceLook.parse(Look.parse(answer.said))
}

test('a source is seen with its connection, its groups, and each tag with what it has told', async () => {
  const look = await running()
  const seen = await vi.waitFor(() => {
    const seen = lookIn(look())
    expect(seen.groups[0]?.rounds).toBeGreaterThan(2)
    return seen
  }, PATIENCE_MS)
  expect(seen).toMatchObject({ kind: 'source', name: 'press', protocol: 'simulator', state: 'up', omittedCount: 0 })
  expect(seen.connection).toMatchObject({ connects: 1, troubles: 0, crashes: 0 })
  expect(seen.groups).toMatchObject([{ name: 'process', everyMs: 20, tags: 2, good: 1, uncertain: 0, bad: 1 }])
  const [level, broken] = seen.tags
  expect(level).toMatchObject({
    name: 'level',
    group: 'process',
    unit: 'bar',
    value: { quality: 'good', value: 7 },
    bad: 0,
  })
  expect(broken).toMatchObject({ name: 'broken', value: { quality: 'bad' } })
  expect(broken?.bad).toBe(broken?.told)
  expect(broken?.told).toBeGreaterThan(1)
})

test('a connection that comes and goes, rounds that take too long, and values that are no news are counted', async () => {
  const level = { name: 'level', signal: { kind: 'constant', value: 7 }, deadband: { absolute: 1 } }
  const look = await running({
    ...SOURCE,
    connection: { delayMs: 50, disconnects: [{ everySeconds: 0.6, atSeconds: 0.3, forSeconds: 0.3 }] },
    groups: [{ name: 'process', everyMs: 20, tags: [level] }],
  })
  await vi.waitFor(() => {
    const { connection, groups } = lookIn(look())
    expect(connection.connects).toBeGreaterThan(1)
    expect(connection.troubles).toBeGreaterThan(1)
    expect(groups[0]?.overruns).toBeGreaterThan(0)
    expect(groups[0]?.untold).toBeGreaterThan(0)
    expect(connection).toMatchObject({ crashes: 0, lost: 0 })
  }, PATIENCE_MS)
})

test('only the tags that are asked for are told, and what is not there is said', async () => {
  const look = await running()
  await vi.waitFor(
    () => expect(lookIn(look(['level'])).tags).toMatchObject([{ name: 'level', told: expect.any(Number) }]),
    PATIENCE_MS,
  )
  expect(look(['none'])).toMatchObject({ ok: false, code: 'tag_unknown' })
  const board = createSourceBoard()
  const none = createSourceFleet({ clock: systemClock, random: () => 0.5, board })
  expect(lookAtSource({ kind: 'source', name: 'press' }, { fleet: none, board }, 5)).toMatchObject({
    code: 'source_unknown',
  })
})
