/** Commands on campaigns against a real hub: a file with mistakes, a dry run, and a campaign that waits for devices. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeviceId } from '@skerry/contract/values/ids'
import { bytesOfWeights } from '@skerry/core/campaigns/weights'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { aggregateUpdates } from '../../apps/hub/src/campaigns/aggregate.ts'
import { dropUpdates, readWeights, type StoredBlob, storeBlob } from '../../apps/hub/src/campaigns/campaign-blobs.ts'
import { startTestHub, type TestHub } from '../../apps/hub/test/stage/running-hub.ts'
import { push } from '../../apps/hub/test/stage/test-model.ts'
import { untrainedNetwork } from '../../examples/federated/digits.ts'

let folder: string
let hub: TestHub
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-campaign-commands-'))
  hub = await startTestHub()
  await writeFile(join(folder, 'ca.pem'), hub.hub.config.caPem)
  await push(hub, 'digits', untrainedNetwork(1, 16))
})
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const run = (words: readonly string[], stdin = '') => {
  const env = {
    SKERRY_HOME: folder,
    SKERRY_HUB: hub.url,
    SKERRY_KEY: hub.ownerKey,
    SKERRY_CA_FILE: join(folder, 'ca.pem'),
  }
  return cli(['campaign', ...words], { env, stdin, nowMs: Date.now })
}

const DATA = 'data: { name: digits, type: uint8, scale: 0.004, shape: [784], classes: 10 }'
const FILE = `name: ward\nmodel: digits\n${DATA}\nrounds: 3\n`

test('mistakes in a file are named with their lines, and contradictions with the reason', async () => {
  const wrong = await run(['create', '-'], `${FILE}rounds: 3\nstrategy: { kind: bulyan }\n`)
  expect(wrong.code).not.toBe(0)
  expect(wrong.err).toContain('stdin:5')
  const unknown = await run(['create', '-'], `${FILE}strategy: { kind: bulyan }\n`)
  expect(unknown.err).toMatch(/stdin:5.*strategy.kind: must be fedavg, .* or norm-bound/)
  const pair = await run(['create', '-'], `${FILE}strategy: { kind: median }\n`)
  expect(pair.err).toContain('set participants.minimum to 3 or more')
  const participants = 'participants: { minimum: 5 }'
  const hidden = await run(
    ['create', '-'],
    `${FILE}strategy: { kind: krum }\n${participants}\nprivacy: { masks: {} }\n`,
  )
  expect(hidden.err).toContain('krum compares single updates, and masks hide them from the hub')
  const shape = await run(['create', '-'], FILE.replace('[784]', '[28]'))
  expect(shape.err).toContain('the model reads rows of the shape [784], and data.shape is [28]')
  const classes = await run(['create', '-'], FILE.replace('classes: 10', 'classes: 4'))
  expect(classes.err).toContain('the model has 10 classes, and data.classes is 4')
  const targets = await run(['create', '-'], FILE.replace('classes: 10', 'classes: 10, targets: [1]'))
  expect(targets.err).toMatch(/stdin:3.*data.targets.*a cross-entropy learns classes; set training.loss to mse/)
  const numbers = await run(['create', '-'], `${FILE}training: { loss: huber }\n`)
  expect(numbers.err).toMatch(/stdin:3.*data.classes.*the loss huber learns numbers; set data.targets instead/)
  const deploy = await run(['create', '-'], `${FILE}result: { deploy: nowhere }\n`)
  expect(deploy.err).toContain('there is no deployment nowhere')
  expect((await run(['ls'])).out).toContain('no campaigns yet')
})

test('a dry run starts nothing; a campaign without devices waits, is paused, resumed and stopped', async () => {
  const tried = await run(['create', '-', '--dry-run'], FILE)
  expect(tried, tried.err).toMatchObject({ code: 0 })
  expect(tried.out).toContain('ward would train digits:1, 13002 weights; 0 devices may take part now')
  expect((await run(['ls'])).out).toContain('no campaigns yet')

  expect((await run(['create', '-'], FILE)).out).toContain('started ward, which trains digits:1')
  expect((await run(['create', '-'], FILE)).err).toContain('a campaign of this name exists')
  expect((await run(['show', 'ward', '--devices'])).out).toContain('no device offers the data')
  const paused = await run(['pause', 'ward', '--reason', 'not now'])
  expect(paused, paused.err).toMatchObject({ code: 0, out: 'ward is paused\n' })
  const watched = await run(['watch', 'ward'])
  expect(watched.code).toBe(1)
  expect(watched.err).toContain('the campaign ward is paused: not now')
  expect((await run(['resume', 'ward'])).out).toContain('ward goes on')
  expect((await run(['publish', 'ward', '--round', '1'])).err).toContain('does not have the weights of round 1')
  expect((await run(['stop', 'ward', '--reason', 'enough', '--yes'])).out).toBe('ward is stopped\n')
  expect((await run(['resume', 'ward'])).err).toContain('the campaign is over')
  expect((await run(['ls'])).out).toMatch(/ward +digits:1 +stopped +1 of 3/)
  const trail = await hub.ask<{ rows: { action: string }[] }>('GET', '/v1/audit?limit=50')
  const actions = trail.body.rows.map(({ action }) => action)
  for (const verb of ['create', 'pause', 'resume', 'stop']) expect(actions).toContain(`campaign.${verb}`)
})

test('a campaign of numbers shows its targets and its mean error', async () => {
  const file = `${FILE.replace('classes: 10', 'targets: [10]').replace('ward', 'mill')}training: { loss: mse }\n`
  const share = await run(['create', '-'], `${file}stop: { accuracy: 0.9 }\n`)
  expect(share.err).toContain('use stop.error and result.errorMax instead of stop.accuracy and result.accuracyMin')
  expect(await run(['create', '-'], `${file}stop: { error: 0.5 }\n`)).toMatchObject({ code: 0 })
  const shown = await run(['show', 'mill'])
  expect(shown.out).toMatch(/data +digits, rows of uint8 \[784\], targets \[10\]/)
  expect(shown.out).toMatch(/loss +mse/)
  expect(shown.out).toMatch(/ROUND +MEAN ERROR +LOSS/)
  expect((await run(['stop', 'mill', '--reason', 'enough', '--yes'])).code).toBe(0)
})

test('updates of a round are removed at once, and weights that a campaign names stay', async () => {
  const real = hub.hub
  const { db } = real.store
  const row = await db.selectFrom('campaigns').selectAll().executeTakeFirstOrThrow()
  const organisationId = row.organisation_id
  const kept = async (_tx: unknown, blob: StoredBlob) => blob
  const update = await storeBlob(real, { organisationId, bytes: Buffer.from('an update of a device') }, kept)
  await dropUpdates(real, organisationId, [update.digest, update.digest, row.weights_digest])
  expect(await real.blobs.sizeOf(update.digest, real.signal)).toBeUndefined()
  expect(await real.blobs.sizeOf(row.weights_digest, real.signal)).toBe(13_002 * 4)
  const again = await storeBlob(real, { organisationId, bytes: Buffer.from('an update of a device') }, kept)
  expect(await real.blobs.sizeOf(again.digest, real.signal)).toBe(again.sizeBytes)
})

test('Krum leaves out the stored update that is far from the others', async () => {
  const real = hub.hub
  const row = await real.store.db.selectFrom('campaigns').selectAll().executeTakeFirstOrThrow()
  const elements = Number(row.elements)
  const base = await readWeights(real, row.weights_digest, elements, real.signal)
  const sentBy = async (device: string, change: (value: number, at: number) => number) => {
    const bytes = bytesOfWeights(base.map(change))
    const { digest } = await storeBlob(real, { organisationId: row.organisation_id, bytes }, async (_tx, blob) => blob)
    return { device: device as DeviceId, digest, rows: 10 }
  }
  const near = (shift: number) => (value: number, at: number) => value + 0.01 * Math.sin(at + shift) + 0.1
  const updates = [
    await sentBy('dev_a', near(0)),
    await sentBy('dev_b', (value) => value - 0.1),
    await sentBy('dev_c', near(1)),
    await sentBy('dev_d', near(2)),
    await sentBy('dev_e', near(3)),
  ]
  const local = { training: { epochs: 1, batchSize: 10, learningRate: 0.1 }, fleet: 5 }
  const aggregation = { elements, base: row.weights_digest, moments: null, noise: undefined, local, updates }
  const strategy = { kind: 'krum', attackers: 1 } as const
  const { weights, steps } = await aggregateUpdates(real, { ...aggregation, strategy }, real.signal)
  const far = [...steps].filter(([, { isFar }]) => isFar)
  expect(far).toEqual([
    ['dev_b', { norm: expect.closeTo(0.1 * Math.sqrt(elements), 3), isBounded: false, isFar: true }],
  ])
  const mean = weights.reduce((sum, value, at) => sum + value - (base[at] ?? 0), 0) / elements
  expect(mean).toBeCloseTo(0.1, 3)
})

test('the campaign in the documentation can be declared', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/models/campaigns.md'), 'utf8')
  const [, rules = ''] = /```yaml\n(name: [\s\S]*?)```/.exec(text) ?? []
  const tried = await run(
    ['create', '-', '--dry-run'],
    rules.replace('name: ward', 'name: icu').replace('deploy: digits, ', ''),
  )
  expect(tried, tried.err).toMatchObject({ code: 0 })
})
