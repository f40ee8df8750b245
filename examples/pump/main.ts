/**
 * `npm run example:pump`: from a machine's registers to a prediction and back, on one machine, in about two minutes. A
 * PLC, an OPC UA server, a broker and a SCADA by other people; a hub and an agent. A flow scores real readings with a
 * model, sets the alarm of the PLC, and sends the score to the plant and the hub. Then the PLC, the OPC UA server, the
 * broker and the hub are killed one after the other, and the equipment falls silent. With `--once` it ends then, and
 * succeeds only if all its claims hold.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingPeers } from '../../scripts/peers.mjs'
import { commandLine } from '../stage/command-line.ts'
import { newFindings } from '../stage/findings.ts'
import { newHubHome, startAgent, startHub } from '../stage/fleet.ts'
import { connect, judge } from './begin.ts'
import { startPlant } from './plant.ts'
import type { Show } from './show.ts'
import { hearNothing, loseBroker, loseEquipment, loseHub, raiseAlarm } from './trouble.ts'

const opening = `A pump, whose PLC speaks Modbus, and a thermometer, whose server speaks OPC UA, replay what real sensors measured.
A model on the device beside them finds steam in the air, and sets the alarm of the PLC. All of it is real: separate processes, by
libmodbus, open62541 and mosquitto on the other side. It takes about two minutes.`

const ACTS: readonly [string, (show: Show) => Promise<void>][] = [
  ['Try the equipment from here, then have the device read it', connect],
  ['Record what it says, prove a flow with it, and deploy flow and model', judge],
  ['Wait for the steam', raiseAlarm],
  ['Kill the PLC and the OPC UA server, and start them again', loseEquipment],
  ['Let both fall silent, and speak again', hearNothing],
  ['Kill the broker, and start it again', loseBroker],
  ['Kill the hub, and start it again', loseHub],
]

const isOnce = process.argv.includes('--once')
const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

const missing = missingPeers('pump').map(({ debian }) => debian)
if (missing.length > 0) {
  console.error(`The equipment of this example is made of programs that are not on this machine. On Debian and Ubuntu, install them with
   sudo apt-get install --no-install-recommends ${missing.join(' ')}`)
  process.exit(1)
}

const folder = await mkdtemp(join(tmpdir(), 'skerry-pump-'))
try {
  await using stack = new AsyncDisposableStack()
  const failed = await tell(await begin(stack, stopping.signal))
  if (failed.length > 0) process.exitCode = 1
} catch (error) {
  if (!stopping.signal.aborted) console.error(error)
  process.exitCode = isOnce || !stopping.signal.aborted ? 1 : 0
}
if (process.exitCode) console.error(`logs and data are kept in ${folder}`)
else await rm(folder, { recursive: true })

/** Starts everything. The programs on the stack end with the example, in the reverse order. */
async function begin(stack: AsyncDisposableStack, signal: AbortSignal): Promise<Show> {
  const say = (text: string) => console.log(text)
  say(`${opening}\n\n1. Start a PLC, an OPC UA server, a broker and a SCADA; a hub, and an agent`)
  const plant = await startPlant(stack, folder)
  const home = await newHubHome(folder)
  const hub = await startHub(home)
  const site = { name: 'pump-house', kind: 'edge', country: 'DE' } as const
  const running = { hub }
  stack.defer(() => running.hub.stop())
  const agent = stack.use(await startAgent(hub, { site, device: 'pump-gateway', folder }))
  say(`   PLC      127.0.0.1:${plant.plc.port} (Modbus)`)
  say(`   server   ${plant.air.endpoint}`)
  say(`   broker   127.0.0.1:${plant.broker.port} (MQTT, Sparkplug B)`)
  say(`   hub      ${hub.url}`)
  say(`   agent    ${agent.device}`)
  const show = { folder, home, agent, plant, say, signal, skerry: commandLine(hub, folder), findings: newFindings() }
  return Object.assign(running, show)
}

/** Plays the acts; gives the claims that did not hold. */
async function tell(show: Show): Promise<string[]> {
  const { say, findings, signal } = show
  for (const [index, [title, act]] of ACTS.entries()) {
    say(`\n${index + 2}. ${title}`)
    await act(show)
  }
  const failed = findings.failed()
  const seconds = Math.round(performance.now() / 1000)
  say(
    failed.length === 0
      ? `\nAll ${findings.count()} claims held, in ${seconds} s.`
      : `\nDid not hold: ${failed.join('; ')}`,
  )
  if (isOnce) return failed
  say(closing(show))
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  return failed
}

/** The next steps with a plant that stays up. */
function closing({ hub, agent }: Show): string {
  const page = (path: string) => `${hub.url}${path}`
  return `
Everything stays up until you press Ctrl-C; the steam comes every quarter of a minute. In another terminal:

   export SKERRY_HUB=${hub.url} SKERRY_KEY=${hub.connection.key} SKERRY_CA_FILE=${hub.authorityPath}
   node_modules/.bin/skerry source ls --device ${agent.device}
   node_modules/.bin/skerry source read pump-plc --device ${agent.device}
   node_modules/.bin/skerry telemetry ${agent.device} pump-guard/score --since 5m

   ${page('/sign-in')}#key=${hub.connection.key}
   the console, signed in; the browser will ask about the certificate, which is this hub's own
   ${folder}   logs and data, removed at the end`
}
