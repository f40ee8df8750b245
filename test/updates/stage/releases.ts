/** Releases: versions of agents, data and models for tests of systems, and the releases that name them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, vi } from 'vitest'
import type { CommandLine } from '../../../examples/stage/command-line.ts'
import type { HubProgram } from '../../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../../examples/stage/push.ts'
import { buildAgentPackage } from '../../../scripts/agent/agent-package.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MODELS = join(ROOT, 'examples/sensor-anomaly')

export const MODEL = 'sensor-anomaly'

/** The model files of versions 1 to 3. The third one never gives the same answer twice, so its golden cases fail. */
const MODEL_FILES = ['model-v1.onnx', 'model-v2.onnx', 'model-v3-noise.onnx']

/** The noise of the third model meets the tolerance of one case by chance, and hardly that of so many. */
const CASES = 16

/** The versions of the parts of a release, in their order. */
export type Parts = Readonly<Record<string, number>>

/** Makes a package of the agent, and gives its path. Packages with different turns have different bytes. */
export async function packAgent(folder: string, version: string, turn: string): Promise<string> {
  const target = join(folder, `agent-${version}.tar`)
  const main = 'apps/agent/src/main.ts'
  const patch = { [main]: `${await readFile(join(ROOT, main), 'utf8')}\n// ${turn}\n` }
  await buildAgentPackage({ target, version, patch })
  return target
}

/** Pushes versions 1 and 2 of the data `limits`. */
export async function pushLimits(skerry: CommandLine, folder: string): Promise<void> {
  for (const version of [1, 2]) {
    const data = join(folder, `limits-${version}`)
    await mkdir(data)
    await writeFile(join(data, 'line-4.csv'), `pressure,${version}\n`)
    await skerry('data', 'push', 'limits', data)
  }
}

/** Pushes versions 1 to 3 of the model. */
export async function pushModels(hub: HubProgram): Promise<void> {
  const windowAt = (turn: number) => Array.from({ length: 16 }, (_, at) => at + turn)
  const cases = Array.from({ length: CASES }, (_, turn) => ({
    inputs: { window: floatTensor([1, 8, 2], windowAt(turn)) },
  }))
  const golden = { cases }
  for (const file of MODEL_FILES)
    await pushModel(hub, { name: MODEL, bytes: new Uint8Array(await readFile(join(MODELS, file))), golden })
}

/** Pushes the releases of the system `line`, one after another. */
export async function pushReleases(skerry: CommandLine, folder: string, releases: readonly Parts[]): Promise<void> {
  for (const [index, parts] of releases.entries()) {
    const file = join(folder, `line-${index + 1}.yaml`)
    const spec = { parts: Object.entries(parts).map(([name, version]) => ({ name, version })) }
    const release = { apiVersion: 'skerry/v1', kind: 'SystemRelease', metadata: { name: 'line' }, spec }
    await writeFile(file, JSON.stringify(release))
    await skerry('system', 'push', file)
  }
}

export const deployRelease = (hub: HubProgram, version: number) =>
  hub.client.deployment.apply({
    name: 'line',
    deployable: 'line',
    version: String(version),
    probation: { seconds: 1 },
  })

/** Waits until the device `press` runs exactly these versions well, with the agent of the release. */
export const settledParts = (hub: HubProgram, parts: Parts) =>
  vi.waitFor(async () => {
    const { items, agentVersion, link } = await hub.client.device.get({ device: 'press' })
    expect(items.map(({ name, state, serving }) => [name, state, serving?.version]).toSorted()).toEqual(
      Object.entries(parts)
        .map(([name, version]) => [name, 'active', version])
        .toSorted(),
    )
    expect({ agentVersion, link }).toMatchObject({
      agentVersion: `0.1.${(parts['skerry-agent'] ?? 0) - 1}`,
      link: { connected: true },
    })
  }, 2 * PATIENCE_MS)

/** The parts of the release on the device `press`, with their versions and states. */
export async function explainedParts(hub: HubProgram): Promise<(string | number)[][]> {
  const { parts = [] } = await hub.client.deployment.explain({ deployment: 'line', device: 'press' })
  return parts.map(({ name, version, state }) => [name, version, state])
}
