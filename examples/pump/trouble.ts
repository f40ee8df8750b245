/** Trouble: the acts in which something is wrong: with the pump, and then with what it is connected to. */
import type { TagValue } from '@skerry/contract/sources/tag'
import { startHub } from '../stage/fleet.ts'
import { until } from '../stage/wait.ts'
import { newest } from './begin.ts'
import { agree, PLANT_SCORE } from './ledger.ts'
import { alarmCoil } from './plant.ts'
import { check, depthOf, type Show } from './show.ts'

/** Seconds of one signal: enough to see that it waits, and little enough to watch. */
const WAITING_SHOWN = 40

/** Waits for the steam, and sees the PLC's own coil go on and off with it. */
export async function raiseAlarm(show: Show): Promise<void> {
  const { plant, signal } = show
  const { isSteam } = plant.readings
  await until(
    'air without steam, and no alarm',
    () => (!isSteam(Date.now()) && alarmCoil(plant) !== 1) || undefined,
    signal,
  )
  // How soon depends on the machine; that it follows the steam does not.
  const noted = { steam: false, clear: false }
  const note = (is: boolean) => {
    noted[is ? 'steam' : 'clear'] = true
  }
  const coil = (value: number) => () => {
    note(isSteam(Date.now()))
    return alarmCoil(plant) === value || undefined
  }
  await until('the alarm', coil(1), signal)
  check(show, 'steam comes, and the PLC says that its coil is set', noted.steam, 'coil 10 is 1')
  noted.clear = false
  await until('the end of the alarm', coil(0), signal)
  check(show, 'the air is clear, and the PLC says that its coil is cleared', noted.clear, 'coil 10 is 0')
}

/** Kills the PLC and the server one after the other, starts each again, and sees how soon it is read. */
export async function loseEquipment(show: Show): Promise<void> {
  const { plant, signal, say } = show
  for (const { name, peer, source, tag } of equipmentOf(show)) {
    await peer.kill()
    say(`   the ${name} is killed (SIGKILL)`)
    await checkBad(show, source, tag)
    const before = plant.scada.told(PLANT_SCORE).size
    await until('scores without it', () => plant.scada.told(PLANT_SCORE).size > before || undefined, signal)
    await peer.start()
    const backMs = Date.now()
    say(`   the ${name} is started again`)
    const resumed = await toBe(show, source, tag, 'good')
    const tookMs = Math.max(0, resumed.receivedTimeMs - backMs)
    check(show, 'it is read again by itself', true, `${tookMs} ms after it was back`)
  }
}

/** Holds both still, as a network does that lets nothing through any more, and sees that they are missed, and read again. */
export async function hearNothing(show: Show): Promise<void> {
  const equipment = equipmentOf(show)
  for (const { peer } of equipment) peer.freeze()
  show.say('   nothing of PLC and server answers any more (SIGSTOP); their connections stay open')
  for (const { source, tag } of equipment) await checkBad(show, source, tag)
  for (const { peer } of equipment) peer.thaw()
  show.say('   they answer again')
  for (const { name, source, tag } of equipment) {
    await toBe(show, source, tag, 'good')
    check(show, `the ${name} is read again by itself`, true)
  }
}

const equipmentOf = ({ plant: { plc, air } }: Show) => [
  { name: 'PLC', peer: plc, source: 'pump-plc', tag: 'humidity' },
  { name: 'server', peer: air, source: 'pump-air', tag: 'temperature' },
]

async function checkBad(show: Show, source: string, tag: string): Promise<void> {
  const gone = await toBe(show, source, tag, 'bad')
  check(show, `its ${tag} is bad, and has no value`, !('value' in gone), gone.cause.code)
}

const toBe = <Quality extends TagValue['quality']>(show: Show, source: string, tag: string, quality: Quality) =>
  until(
    `the ${tag} to be ${quality}`,
    async () => {
      const value = await newest(show, source, tag)
      return value && isOf(value, quality) ? value : undefined
    },
    show.signal,
  )

const isOf = <Quality extends TagValue['quality']>(
  value: TagValue,
  quality: Quality,
): value is Extract<TagValue, { quality: Quality }> => value.quality === quality

/** Kills the broker, sees values wait, starts it again, and sees that none is missing. */
export async function loseBroker(show: Show): Promise<void> {
  const { plant, hub, agent, signal, say } = show
  await plant.broker.kill()
  say('   the broker is killed, and with it all that it knew')
  await until('values to wait for the broker', () => depthOf(show, 'plant') >= WAITING_SHOWN || undefined, signal)
  check(show, 'what is for the plant waits on the disk of the device', true, `${depthOf(show, 'plant')} values`)
  const said = await until(
    'the hub to know that the sink is down',
    async () => {
      const { running } = await hub.client.sink.ofDevice({ device: agent.device })
      return running.find(({ name, state }) => name === 'plant' && state === 'down')
    },
    signal,
  )
  check(show, 'the hub knows that its sink is down', true, said.cause?.message)
  const births = plant.scada.births()
  await plant.broker.start()
  say('   the broker is started again')
  await checkAgreement(show)
  const late = [...plant.scada.told(PLANT_SCORE).values()].filter(({ isHistorical }) => isHistorical)
  check(show, 'the node was born anew', plant.scada.births() > births)
  // What was on its way when the broker died waited, too, and was told as new.
  check(show, 'what had to wait is marked as historical', late.length >= WAITING_SHOWN / 2, `${late.length} values`)
}

/** Kills the hub, sees the flow act without it, starts it again, and sees that none is missing there. */
export async function loseHub(show: Show): Promise<void> {
  const { plant, signal, say } = show
  await show.hub.kill()
  say('   the hub is killed')
  const before = plant.scada.told(PLANT_SCORE).size
  await until('values to wait for the hub', () => depthOf(show, 'hub') >= WAITING_SHOWN || undefined, signal)
  check(show, 'what is for the hub waits on the disk of the device', true, `${depthOf(show, 'hub')} values`)
  const without = await until(
    'scores at the SCADA without the hub',
    () => {
      const more = plant.scada.told(PLANT_SCORE).size - before
      return more >= WAITING_SHOWN / 2 ? more : undefined
    },
    signal,
  )
  check(show, 'the flow goes on without the hub, and the SCADA hears of it', true, `${without} scores`)
  show.hub = await startHub(show.home)
  say('   the hub is started again, with the same data')
  await checkAgreement(show)
  const { intact, records } = await show.hub.client.audit.verify({})
  check(show, 'the audit trail is whole', intact, `${records} records`)
}

/** Each value that was told is at the hub once and at the SCADA once; and nobody counts a loss. */
async function checkAgreement(show: Show): Promise<void> {
  const { hub, scada } = await agree(show)
  const seen = `${hub.toLocaleString('en')} there, ${scada.toLocaleString('en')} at the SCADA, value by value`
  check(show, 'each score is at the hub exactly once, and at the SCADA', hub === scada, seen)
  const { running } = await show.hub.client.sink.ofDevice({ device: show.agent.device })
  const lost = running.reduce((sum, { figures }) => sum + (figures?.lost ?? 0), 0)
  check(show, 'no value is counted as lost', lost === 0, `${lost}`)
}
