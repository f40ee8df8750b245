/** Begin: the acts that make it work: equipment is tried and connected, a flow is recorded, proved and deployed. */
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectionSpec } from '@skerry/contract/connections/connection'
import type { TagReading } from '@skerry/contract/devices/device-command'
import { FlowGolden } from '@skerry/contract/flows/flow-recording'
import { parse } from 'yaml'
import { until } from '../stage/wait.ts'
import { PLANT_SCORE, SCORE } from './ledger.ts'
import { writeConnections } from './plant.ts'
import { check, type Show, type } from './show.ts'

const SENSOR_FOLDER = join(import.meta.dirname, '../sensor-anomaly')
const MODEL = join(SENSOR_FOLDER, 'model-v1.onnx')
const FLOW = join(import.meta.dirname, 'flow.yaml')
const SCOPE = 'site:pump-house'

/** So long it is recorded: a few windows of the model. A machine that is busy with starting it all may need the longer ones. */
const RECORDED = ['4s', '8s', '16s', '32s']

/** Reads the equipment from here, then has the device read it. */
export async function connect(show: Show): Promise<void> {
  await writeConnections(show.plant, show.folder)
  for (const name of ['pump-plc', 'pump-air']) {
    const [, values = ''] = (await type(show, 'source', 'read', `${name}.yaml`, '--timeout', '60s')).trim().split('\n')
    check(show, `${name} can be read from this machine, before a device is told of it`, values.includes('good'), values)
    await type(show, 'source', 'set', `${name}.yaml`, '--scope', SCOPE)
  }
  await setSink(show)
  const { source, sink } = show.hub.client
  const { device } = show.agent
  await until(
    'the device to be connected to all of it',
    async () => {
      const said = await Promise.all([source.ofDevice({ device }), sink.ofDevice({ device })])
      const up = said.flatMap(({ running }) => running.filter(({ state }) => state === 'up'))
      return up.length === 3 || undefined
    },
    show.signal,
  )
  check(show, `${device} is connected to the PLC, to the OPC UA server and to the broker`, true)
}

/** Makes a golden test of what is measured now, and lets the device run the flow only if it gives the same. */
export async function judge(show: Show): Promise<void> {
  const golden = join(SENSOR_FOLDER, 'golden.json')
  await type(show, 'model', 'push', MODEL, '--name', 'anomaly', '--golden', golden)
  await recordGolden(show)
  await type(show, 'flow', 'push', FLOW, '--recording', 'recording.jsonl', '--golden', 'golden.json')
  await type(show, 'apply', '-f', join(import.meta.dirname, 'deployments.yaml'))
  await active(show)
  const { goldenCases } = await show.hub.client.model.getVersion({ model: 'pump-guard', version: 'latest' })
  check(
    show,
    'the device gives for the recording what this machine gave, and runs the flow',
    goldenCases > 0,
    `${goldenCases} outputs`,
  )
  const score = await until('scores at the hub', () => scoreAtHub(show), show.signal)
  check(show, 'scores come to the hub', true, `${score.values} so far, the newest is ${score.newestNumber?.toFixed(2)}`)
  const { scada } = show.plant
  await until('scores at the SCADA', () => scada.told(PLANT_SCORE).size >= 10 || undefined, show.signal)
  check(show, 'the SCADA heard the birth of a Sparkplug node, and hears its data', scada.births() > 0)
}

/** Records what the equipment says, and what the flow makes of it here. */
async function recordGolden(show: Show): Promise<void> {
  const sources = ['pump-plc.yaml', 'pump-air.yaml'].flatMap((file) => ['--source', file])
  const model = ['--model', `anomaly=${MODEL}`]
  for (const duration of RECORDED) {
    const recording = `recording-${duration}.jsonl`
    await type(show, 'flow', 'run', FLOW, ...sources, ...model, '--record', recording, '--duration', duration)
    await type(show, 'flow', 'replay', FLOW, recording, ...model, '--write-golden', 'golden.json')
    await rename(join(show.folder, recording), join(show.folder, 'recording.jsonl'))
    const { outputs } = FlowGolden.parse(JSON.parse(await readFile(join(show.folder, 'golden.json'), 'utf8')))
    if (outputs.length > 0) return
  }
}

/** What the device has read of a tag last. */
export async function newest(
  { hub, agent }: Show,
  source: string,
  tag: string,
): Promise<TagReading['value'] | undefined> {
  const { readings } = await hub.client.source.read({ device: agent.device, source, tags: [tag] })
  return readings[0]?.value
}

async function setSink({ hub, folder, say }: Show): Promise<void> {
  const spec = ConnectionSpec.parse(parse(await readFile(join(folder, 'plant.yaml'), 'utf8')))
  await hub.client.sink.set({ name: spec.name, scope: SCOPE, spec })
  say(`   set plant.yaml for ${SCOPE}, by PUT /v1/sinks/${spec.name}`)
}

async function active({ hub, agent, signal }: Show): Promise<void> {
  await until(
    'the flow to run',
    async () => {
      const { items } = await hub.client.device.get({ device: agent.device })
      const failed = items.find(({ state }) => state === 'failed')
      if (failed) throw new Error(`${agent.device} refused ${failed.name}: ${failed.cause?.message}`)
      return items.filter(({ state }) => state === 'active').length === 2 || undefined
    },
    signal,
  )
}

/** Once there are some. */
async function scoreAtHub({ hub, agent }: Show) {
  const { rows } = await hub.client.telemetry.signals({ device: agent.device })
  return rows.find(({ signal, values }) => signal === SCORE && values >= 10)
}
