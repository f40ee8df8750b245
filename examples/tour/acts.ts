/** Acts: the four things that the tour shows, each said in plain words and then looked at. */
import type { Rollout, RolloutDevice, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { startHub } from '../stage/fleet.ts'
import { until } from '../stage/wait.ts'
import type { Feeder } from './feeder.ts'
import { CANARY } from './places.ts'
import { deploy, push, type Shipment, shipments } from './shipment.ts'
import { check, type Tour } from './tour.ts'

/** Enough readings to show that a version works; two seconds of them. */
const READINGS_SHOWN = 80

/** Pushes a good version, takes it to the canary, then to the rest, and sees every place score with it. */
export async function rollOut(tour: Tour, shipment: Shipment): Promise<void> {
  const { version, rollout } = await ship(tour, shipment)
  const ended = await follow(tour, rollout)
  check(tour, `version ${version} is everywhere`, ended.status === 'done', ended.reason ?? ended.status)
  const { rows } = await tour.hub.client.rollout.devices({ rollout: rollout.id })
  check(tour, `no other site was offered it before ${CANARY} had proved it`, isCanaryFirst(rows))
  const scored = (feeder: Feeder) => (feeder.readingsBy.get(version) ?? 0) >= READINGS_SHOWN
  await until(
    `readings scored by version ${version} everywhere`,
    () => tour.feeders.every(scored) || undefined,
    tour.signal,
  )
  check(tour, `every site scores its readings with version ${version}`, true)
  checkNothingLost(tour)
  tour.screen.showTable()
}

/** Pushes a version whose answers are wrong on the device, and sees it refused there and taken back. */
export async function refuse(tour: Tour): Promise<void> {
  const { version, rollout } = await ship(tour, shipments.broken)
  const ended = await follow(tour, rollout)
  const { rows } = await tour.hub.client.rollout.devices({ rollout: rollout.id })
  const canary = rows.find(({ site }) => site === CANARY)
  check(tour, `${CANARY} refused it`, canary?.cause?.code === 'golden_mismatch', canary?.cause?.message)
  check(tour, 'the hub rolled it back by itself', ended.status === 'rolled-back', ended.reason ?? ended.status)
  const others = rows.filter(({ site }) => site !== CANARY)
  check(
    tour,
    'no other site was ever offered it',
    others.every(({ offeredAtMs }) => offeredAtMs === undefined),
  )
  await agreed(tour, version - 1)
  check(tour, `every device is back to version ${version - 1}`, true)
  check(
    tour,
    `it answered not one request`,
    tour.feeders.every(({ readingsBy }) => !readingsBy.has(version)),
  )
  checkNothingLost(tour)
  tour.screen.showTable()
}

/** Stops the hub, sees predictions go on without it, starts it again, and sees hub and devices agree. */
export async function loseHub(tour: Tour, version: number): Promise<void> {
  await tour.hub.stop()
  tour.screen.say('   the hub has ended; nobody can reach it')
  const before = tour.feeders.map(({ readings }) => readings)
  const goesOn = ({ readings }: Feeder, index: number) => readings - (before[index] ?? 0) >= READINGS_SHOWN
  await until('readings scored without a hub', () => tour.feeders.every(goesOn) || undefined, tour.signal)
  const scored = tour.feeders.map(
    ({ place, readings }, index) => `${place.site.name} ${readings - (before[index] ?? 0)}`,
  )
  check(tour, 'every site goes on scoring without the hub', true, `${scored.join(', ')} readings`)
  checkNothingLost(tour)

  tour.hub = await startHub(tour.home)
  tour.screen.say('   the hub is started again, with the same data')
  await agreed(tour, version)
  check(tour, `hub and devices agree: version ${version} everywhere, nothing left to do`, true)
  const { intact, records } = await tour.hub.client.audit.verify({})
  check(tour, 'the audit trail is whole', intact, `${records} records, each holding the hash of the one before`)
  tour.screen.showTable()
}

async function ship(tour: Tour, shipment: Shipment): Promise<{ version: number; rollout: Rollout }> {
  const { version: pushed } = await push(tour.hub, shipment)
  const { version, sizeBytes, goldenCases, labels } = pushed
  tour.thresholds.set(version, Number(labels['alarm-threshold']))
  const size = `${(sizeBytes / 1000).toFixed(1)} kB`
  tour.screen.say(
    `   pushed ${shipment.file} as version ${version}: ${size} with ${goldenCases} golden cases, checked and signed`,
  )
  return { version, rollout: await deploy(tour.hub, version) }
}

/** Tells how the rollout goes, until it has ended. */
async function follow({ hub, screen, signal }: Tour, { id }: Rollout): Promise<Rollout> {
  let last: Rollout | undefined
  let said = ''
  for await (const now of await hub.client.rollout.watch({ rollout: id }, { signal })) {
    const text = now.waves.map(waveText).join('; ')
    if (text !== said) screen.say(`   rollout: ${text}`)
    said = text
    last = now
  }
  if (last === undefined) throw new Error(`the hub said nothing about rollout ${id}`)
  return last
}

function waveText({ name, counts }: RolloutWave): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  return `${name} ${parts.map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`
}

function isCanaryFirst(rows: readonly RolloutDevice[]): boolean {
  const provedAtMs = rows.find(({ site }) => site === CANARY)?.decidedAtMs
  if (provedAtMs === undefined) return false
  return rows.every(({ site, offeredAtMs }) => site === CANARY || (offeredAtMs ?? 0) >= provedAtMs)
}

/** Waits until every device is heard, has what the hub wants, and serves the version. */
async function agreed({ hub, agents, signal }: Tour, version: number): Promise<void> {
  await until(
    `hub and devices to agree on version ${version}`,
    async () => {
      const devices = await Promise.all(agents.map(({ device }) => hub.client.device.get({ device })))
      const isAgreed = devices.every(
        ({ liveness, generation, observedGeneration, items }) =>
          liveness === 'online' &&
          observedGeneration === generation &&
          items.length === 1 &&
          items.every(({ state, serving }) => state === 'active' && serving?.version === version),
      )
      return isAgreed || undefined
    },
    signal,
  )
}

function checkNothingLost(tour: Tour): void {
  const failures = tour.feeders.flatMap((feeder) => feeder.failures)
  const readings = tour.feeders.reduce((sum, feeder) => sum + feeder.readings, 0)
  const seen =
    failures.length === 0
      ? `${readings.toLocaleString('en')} so far`
      : `${failures.length} failed, such as: ${failures[0]}`
  check(tour, 'every reading was answered', failures.length === 0, seen)
}
