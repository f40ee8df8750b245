import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LearningsDocument } from '@skerry/contract/held/learnings'
import { nodeFileSystem as fileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LearningKeeperDeps, openLearningKeeper } from './learning-keeper.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-learning-keeper-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const depsWith = (): LearningKeeperDeps => ({
  fileSystem,
  folder: join(folder, 'learning'),
  data: folder,
  clock: systemClock,
  random: () => 0,
  memoryAvailableBytes: () => 2 ** 30,
  log: { info: () => {}, warn: () => {} },
  runner: { askSources: async () => ({ ok: false, code: 'source_unknown', message: 'no source' }) as never },
  send: async () => ({ ok: false, code: 'hub_unreachable', message: 'no hub', retryable: true }) as never,
})

const document = LearningsDocument.parse({
  v: 1,
  deviceId: 'dev_abcdefgh234567',
  revision: `sha256:${'a'.repeat(64)}`,
  orders: [
    {
      learning: 'lrn_abcdefgh234567',
      spec: {
        name: 'pump',
        device: 'line-1',
        source: 'plc',
        tags: ['bar'],
        seconds: 3_600,
        everyMs: 60_000,
        samples: 4,
        falseAlarmDays: 7,
        result: 'version',
        accept: [],
      },
      seed: 1,
    },
  ],
})

const phases = (keeper: Awaited<ReturnType<typeof openLearningKeeper>>) =>
  keeper.held().progress.map(({ phase }) => phase)

test('a keeper that stops begins no learning any more, and the next one goes on with the order', async () => {
  const keeper = await openLearningKeeper(depsWith())
  await keeper.take({ ...document, orders: [] })
  const stopped = keeper[Symbol.asyncDispose]()
  await keeper.take(document)
  await stopped
  expect(phases(keeper)).toEqual([])
  expect(JSON.parse(await readFile(join(folder, 'learnings.json'), 'utf8'))).toEqual(document)
  const next = await openLearningKeeper(depsWith())
  await until(async () => phases(next)[0] === 'collect')
  await next[Symbol.asyncDispose]()
  expect(phases(next)).toEqual([])
})
