/** The keeper of orders, with a hub that only takes reports. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CampaignsDocument } from '@skerry/contract/held/campaigns'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CampaignKeeperDeps, openCampaignKeeper } from './campaign-keeper.ts'
import './run-order.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-campaign-keeper-'))
})
afterAll(() => rm(folder, { recursive: true }))

const blob = { digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1 }
const order = {
  campaign: 'cmp_abcdefghijklmnopqrst',
  name: 'ward',
  round: 1,
  attempt: 1,
  kind: 'train',
  data: { name: 'scans', type: 'float32', shape: [1], classes: 2, rowsMin: 1 },
  trainingModel: blob,
  evaluationModel: blob,
  weights: blob,
  parameters: [],
  epochs: 1,
  batchSize: 1,
  learningRate: 0.1,
  seed: 1,
  deadlineMs: 1_000,
}
const documentOf = (orders: readonly object[]) =>
  CampaignsDocument.parse({ v: 1, deviceId: 'dev_abcdefghijklmnopqrst', revision: blob.digest, orders })

test('an order begins when the files of earlier ones are gone, so that none goes from under it', async () => {
  const clearing = Promise.withResolvers<void>()
  const seen: string[] = []
  let clears = 0
  const deps: Partial<CampaignKeeperDeps> = {
    sets: [],
    data: folder,
    folder: join(folder, 'updates'),
    statesFolder: join(folder, 'states'),
    fileSystem: nodeFileSystem,
    when: undefined,
    random: () => 0,
    clock: { nowMs: () => 0, sleep: () => Promise.resolve() },
    log: { info: (event) => void seen.push(event), warn: (event) => void seen.push(event) },
    clear: async () => {
      clears += 1
      if (clears > 1) await clearing.promise
    },
    send: () => {
      seen.push('sent')
      return Promise.resolve({ ok: false, code: 'server_unreachable', message: 'no', retryable: false })
    },
  }
  await using keeper = await openCampaignKeeper(deps as CampaignKeeperDeps)
  keeper.take(documentOf([]))
  await until(() => clears === 2)
  keeper.take(documentOf([order]))
  await until(() => seen.includes('campaign_order_begun'))
  // An order that does not wait sends its report after one access to the disk.
  for (let turn = 0; turn < 50; turn += 1) await readdir(folder)
  expect(seen).not.toContain('sent')
  clearing.resolve()
  await until(() => seen.includes('sent'))
})
