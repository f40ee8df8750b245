import { randomBytes } from 'node:crypto'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { expect, test } from 'vitest'
import { deploy, pushBytes } from '../../apps/cli/test/stage/anomaly.ts'
import { type Fleet, openFleet } from '../../apps/cli/test/stage/fleet.ts'

const MODEL = 'wide'
const COLUMNS = 1_024

/** 4 MB of weights that cannot be compressed and share nothing with another version. */
function bigModel(): Uint8Array<ArrayBuffer> {
  const weights = new Float32Array(COLUMNS * COLUMNS)
  const random = randomBytes(weights.length * 3)
  for (let at = 0; at < weights.length; at++) weights[at] = random.readUIntLE(3 * at, 3) / 2 ** 24
  const model = buildModel({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, COLUMNS] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, COLUMNS] }],
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    initialisers: [{ name: 'w', datatype: 'FP32', shape: [COLUMNS, COLUMNS], data: new Uint8Array(weights.buffer) }],
  })
  return new Uint8Array(writeModel(model))
}

async function bytesSent({ hub }: Fleet): Promise<number> {
  const headers = { authorization: `Bearer ${hub.connection.key}` }
  const text = await (await fetch(`${hub.url}/metrics`, { headers })).text()
  const [, bytes] = /^skerry_blob_bytes_out_total (\d+)/m.exec(text) ?? []
  if (bytes === undefined) throw new Error('the hub tells no count of bytes')
  return Number(bytes)
}

const serves = (fleet: Fleet, names: readonly string[], version: number) =>
  Promise.all(
    names.map((name) => fleet.item(name, (item) => item.state === 'active' && item.serving?.version === version)),
  )

test('three devices of a site take one copy from the hub, and each its own when the cache is away', async () => {
  await using fleet = await openFleet()
  const address = `127.0.0.1:${await freePort()}`
  await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
  const { token } = await fleet.hub.client.token.create({ site: 'lab' })
  const cache = await fleet.newAgent('press', token, ['--site-cache', address])
  await cache.start()
  await cache.logged('site_cache_listens')
  const neighbours = [await fleet.join('oven'), await fleet.join('robot')]
  const set = await fleet.cli(['settings', 'set', 'site:lab', '--set', `site-caches=press=${address}`])
  expect(set).toMatchObject({ code: 0 })
  for (const name of ['oven', 'robot', 'press']) {
    await expect.poll(() => fleet.hub.client.settings.ofDevice({ device: name })).toMatchObject({ state: 'current' })
  }

  const first = bigModel()
  await pushBytes(fleet, { name: MODEL, bytes: first })
  const before = await bytesSent(fleet)
  await deploy(fleet, 1, { name: MODEL, deployable: MODEL })
  await serves(fleet, ['oven', 'robot', 'press'], 1)
  for (const agent of neighbours) {
    expect(await agent.logged('site_cache_fetched')).toMatchObject({ cache: 'press', isFetched: true })
  }
  const oneCopy = (await bytesSent(fleet)) - before
  expect(oneCopy).toBeGreaterThan(first.length * 0.8)
  expect(oneCopy).toBeLessThan(first.length * 1.1)

  await cache.end()
  const second = bigModel()
  await pushBytes(fleet, { name: MODEL, bytes: second })
  const between = await bytesSent(fleet)
  await deploy(fleet, 2, { name: MODEL, deployable: MODEL })
  await serves(fleet, ['oven', 'robot'], 2)
  for (const agent of neighbours) expect(await agent.logged('site_cache_unused')).toMatchObject({ cache: 'press' })
  expect((await bytesSent(fleet)) - between).toBeGreaterThan(second.length * 1.6)
})
