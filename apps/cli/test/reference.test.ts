/**
 * Expected outputs, from the command line to the device: the hub rejects a wrong export, and a device compares its
 * answers with the outputs that a person pushed.
 */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Golden } from '@skerry/contract/devices/golden'
import { filesBelow } from '@skerry/testkit/files-below'
import { expect, test } from 'vitest'
import { askAnomaly, deploy, FILES, MODEL } from './stage/anomaly.ts'
import { type FleetAgent, openFleet } from './stage/fleet.ts'

const example = (name: string) => join(import.meta.dirname, '../../../examples/sensor-anomaly', name)

/** The file of that digest in the agent's data. */
async function fileOnDevice({ data }: FleetAgent, digest: string): Promise<string> {
  for await (const { bytes } of filesBelow(data))
    if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` === digest) return bytes.toString('utf8')
  throw new Error(`no file of ${digest} below ${data}`)
}

test('a wrong export is rejected in numbers, and a device proves the right one with the outputs of its author', async () => {
  await using fleet = await openFleet()
  const agent = await fleet.join('gateway-1')
  const push = (file: string, golden: string) => fleet.cli(['model', 'push', file, '--name', MODEL, '--golden', golden])

  // The graph of version 2 stands for an export that is not the trained model. Without expected outputs, it passes.
  expect((await push(FILES.v2, example('golden.json'))).out).toContain('pushed sensor-anomaly:1, with 16 golden cases')
  await deploy(fleet, 1)
  await fleet.item('gateway-1', ({ state }) => state === 'active')
  expect(await askAnomaly(agent.url), 'every gate let the wrong model pass').toEqual({ version: 1, build: 'v2' })

  const refused = await push(FILES.v2, example('golden-v1.npz'))
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(
    /golden case 13 of 16 \(16 of 16 cases differ\): output score\[0, 0\] is [\d.]+, expected [\d.]+/,
  )
  expect(refused.err).toContain('code: golden_reference_differs')
  expect(refused.err).toContain(
    'what next: check the export (evaluation mode, opset, preprocessing), or state a tolerance',
  )
  const found = await fleet.hub.client.model.get({ name: MODEL })
  expect(found.deployable.versionCount).toBe(1)

  // No runtime gives exactly these outputs: they are a little beside its answers, within the usual tolerance.
  const { window, v1 } = JSON.parse(await readFile(example('golden.json'), 'utf8'))
  const score = (v1 as number[][]).map(([value = 0]) => [Math.fround(value * 1.0005)])
  const own = join(fleet.folder, 'own.json')
  await writeFile(own, JSON.stringify({ inputs: { window }, outputs: { score } }))
  expect(await push(FILES.v1, own)).toMatchObject({ code: 0, out: expect.stringContaining('pushed sensor-anomaly:2') })
  const shown = await fleet.cli(['model', 'show', `${MODEL}:2`])
  expect(shown.out).toContain('expected outputs  given with the push; the hub agreed with them')

  await deploy(fleet, 2)
  const item = await fleet.item('gateway-1', ({ state, target }) => state === 'active' && target.version === 2)
  expect(item.cause).toBeUndefined()
  expect(await askAnomaly(agent.url)).toEqual({ version: 2, build: 'v1' })
  const { files } = await fleet.hub.client.model.getVersion({ name: MODEL, version: '2' })
  const digest = files.find(({ path }) => path === 'golden.json')?.digest ?? ''
  const { cases } = Golden.parse(JSON.parse(await fileOnDevice(agent, digest)))
  const kept = cases.map(({ outputs }) => Buffer.from(outputs.score?.data ?? '', 'base64').readFloatLE())
  expect(kept, 'the device has the outputs of the author').toEqual(score.flat())
})
