/**
 * A campaign with virtual devices on a real hub: its store, its blobs, its engine and its judgement of reports, without
 * the network. A second engine does the same work at the same time, as a second hub would. Three of ten devices vanish in
 * each round. The others answer after a time with a heavy tail, some of them twice, and strangers report too.
 */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CampaignRound } from '@skerry/contract/campaigns/campaign'
import type { CampaignId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { CampaignCourse } from '@skerry/core/campaigns/course'
import { bytesOfWeights } from '@skerry/core/campaigns/weights'
import { digestOf } from '@skerry/platform/files/hash'
import { startCampaignEngine } from '../../apps/hub/src/campaigns/campaign-engine.ts'
import { findCampaign, roundsOf } from '../../apps/hub/src/campaigns/campaign-store.ts'
import { participantsOf, saveOffer } from '../../apps/hub/src/campaigns/participant-store.ts'
import { takeReport } from '../../apps/hub/src/campaigns/take-report.ts'
import { storeLinks } from '../../apps/hub/src/devices/device-link-store.ts'
import type { Hub } from '../../apps/hub/src/hub.ts'
import { fromJson } from '../../apps/hub/src/store/json-column.ts'
import { addDevices } from '../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../apps/hub/test/stage/running-hub.ts'
import { push } from '../../apps/hub/test/stage/test-model.ts'
import { PIXELS, untrainedNetwork } from '../../examples/federated/digits.ts'

const VANISH = 0.3
const TWICE = 0.2

const MEDIAN_MS = 400
/** A round ends by the time of its fast devices long before, on any machine. */
const DEADLINE_S = 3_600
const HIDDEN = 64
const LOOK_MS = 50

/** [mulberry32] */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const delayMs = (medianMs: number, random: () => number) => medianMs * (1 / (1 - random()) - 0.9) ** 0.7

type VirtualRun = {
  devices: number
  minimum: number
  overSelect: number
  rounds: number
  seed: number
  /** Half of the devices answer after this time, and one of forty needs more than ten times as much. */
  medianMs?: number
  /** Bodies that are in memory at once. The route of updates has a budget of memory for them, too. */
  bodiesAtOnce?: number
}

type VirtualResult = {
  phase: string
  rounds: CampaignRound[]
  /** Reports by the hub's answer. */
  counted: number
  ignored: number
  /** Updates of one device that the hub counted more than once in an attempt. */
  countedTwice: number
  elapsedMs: number
  /** The largest memory of buffers and of the heap above that before the campaign. */
  peakMb: number
}

/** Runs one campaign to its end. */
export async function runVirtualCampaign(it: VirtualRun): Promise<VirtualResult> {
  await using stage = await startTestHub()
  const { hub } = stage
  await push(stage, 'digits', untrainedNetwork(1, HIDDEN))
  const model = await hub.store.db.selectFrom('models').select('organisation_id').executeTakeFirstOrThrow()
  const organisationId = model.organisation_id
  const devices = await join(hub, organisationId, it.devices)
  await using _second = startCampaignEngine(hub)
  const memory = await watchMemory()
  const begunMs = performance.now()
  const id = await declare(stage, organisationId, it)
  const answers = await play(hub, { ...it, id, organisationId, devices })
  const row = await findCampaign(hub.store.db, { organisationId, name: NAME })
  return {
    phase: row?.phase ?? 'gone',
    rounds: await roundsOf(hub.store.db, id),
    ...answers,
    elapsedMs: Math.round(performance.now() - begunMs),
    peakMb: memory.peakMb(),
  }
}

const NAME = 'virtual'

/** The devices are connected, and offer the data. */
async function join(hub: Hub, organisationId: OrganisationId, count: number): Promise<DeviceId[]> {
  const { store, ids, cluster } = hub
  const nowMs = hub.clock.nowMs()
  const added = await addDevices({ store, ids, organisationId, clock: { ms: nowMs }, devices: [] }, count, {})
  const offer = { name: 'digits', rows: 600, type: 'uint8' as const, shape: [PIXELS], classes: 10 }
  await store.transaction(async (tx) => {
    await storeLinks(
      tx,
      added.map(({ id }) => ({
        device_id: id,
        hub_id: cluster.hubId,
        connected_at_ms: nowMs,
        ended_at_ms: null,
        ended: null,
      })),
    )
    for (const { id } of added)
      await saveOffer(tx, { deviceId: id, organisationId }, [{ ...offer, campaigns: 'any', masks: true }])
  })
  return added.map(({ id }) => id)
}

async function declare(stage: TestHub, organisationId: OrganisationId, it: VirtualRun): Promise<CampaignId> {
  const spec = {
    name: NAME,
    model: 'digits',
    data: { name: 'digits', type: 'uint8', scale: 1 / 255, shape: [PIXELS], classes: 10 },
    participants: { minimum: it.minimum, overSelect: it.overSelect },
    rounds: it.rounds,
    deadlineSeconds: DEADLINE_S,
    seed: it.seed,
  }
  const answer = await stage.ask('POST', '/v1/campaigns', { body: { spec } })
  if (answer.status >= 300) throw new Error(`the hub refused the campaign: ${answer.text}`)
  const row = await findCampaign(stage.hub.store.db, { organisationId, name: NAME })
  if (!row) throw new Error('the hub has no campaign')
  return row.id
}

type Playing = Omit<VirtualRun, 'devices'> & {
  id: CampaignId
  organisationId: OrganisationId
  devices: readonly DeviceId[]
}

type Answers = Pick<VirtualResult, 'counted' | 'ignored' | 'countedTwice'>

/** Plays all devices until the campaign is over. */
async function play(hub: Hub, it: Playing): Promise<Answers> {
  const random = randomOf(it.seed)
  const answers: Answers = { counted: 0, ignored: 0, countedTwice: 0 }
  const sent = new Set<string>()
  const turns = { free: it.bodiesAtOnce ?? BODIES_AT_ONCE, waiting: [] }
  const under: Promise<void>[] = []
  let last = ''
  for (;;) {
    const row = await findCampaign(hub.store.db, { organisationId: it.organisationId, name: NAME })
    if (!row || ['done', 'failed', 'stopped'].includes(row.phase)) break
    const course = fromJson(row.course)
    const key = `${course.round}/${course.attempt}/${course.phase}`
    if (key !== last && (course.phase === 'train' || course.phase === 'evaluate')) {
      last = key
      const elements = Number(row.elements)
      for (const message of await messagesOf(hub, it, { course, random }))
        under.push(report(hub, it, { ...message, course, elements, sent, answers, turns }))
    }
    await sleep(LOOK_MS)
  }
  await Promise.all(under)
  return answers
}

type Message = { device: DeviceId; afterMs: number }

async function messagesOf(
  hub: Hub,
  { id, devices, medianMs = MEDIAN_MS }: Playing,
  { course, random }: { course: CampaignCourse; random: () => number },
): Promise<Message[]> {
  const { round, attempt } = course
  const chosen = await participantsOf(hub.store.db, { campaign: id, round, attempt })
  const stranger = devices.find((one) => chosen.every(({ device_id }) => device_id !== one))
  const honest = chosen.flatMap(({ device_id: device }): Message[] => {
    if (random() < VANISH) return []
    const afterMs = delayMs(medianMs, random)
    return random() < TWICE
      ? [
          { device, afterMs },
          { device, afterMs: afterMs + delayMs(medianMs, random) },
        ]
      : [{ device, afterMs }]
  })
  return stranger === undefined ? honest : [...honest, { device: stranger, afterMs: 1 }]
}

type Sending = Message & { course: CampaignCourse; elements: number; sent: Set<string>; answers: Answers; turns: Turns }

async function report(hub: Hub, { id, organisationId }: Playing, sending: Sending): Promise<void> {
  const { device, afterMs, course, elements, sent, answers } = sending
  await sleep(afterMs)
  await using _turn = await nextTurn(sending.turns)
  const { round, attempt } = course
  const before = { rows: 60, correct: 30, lossSum: 60 }
  const isTraining = course.phase === 'train'
  // Each device sends other weights, so that no two updates share a blob.
  const bytes = isTraining ? updateOf(device, round, elements) : new Uint8Array()
  const said = isTraining
    ? { kind: 'trained' as const, rows: 540, digest: digestOf(bytes), trainLoss: 1, before }
    : { kind: 'evaluated' as const, evaluation: before }
  const about = { device: { id: device, organisation_id: organisationId, name: device }, campaign: id, round, attempt }
  const { counted } = await takeReport(hub, { ...about, report: said, bytes })
  const key = `${round}/${attempt}/${course.phase}/${device}`
  if (counted && sent.has(key)) answers.countedTwice += 1
  if (counted) sent.add(key)
  answers[counted ? 'counted' : 'ignored'] += 1
}

const BODIES_AT_ONCE = 16

type Turns = { free: number; waiting: (() => void)[] }

async function nextTurn(turns: Turns): Promise<AsyncDisposable> {
  if (turns.free === 0) await new Promise<void>((resolve) => turns.waiting.push(resolve))
  else turns.free -= 1
  return {
    async [Symbol.asyncDispose]() {
      const next = turns.waiting.shift()
      if (next) next()
      else turns.free += 1
    },
  }
}

function updateOf(device: string, round: number, elements: number): Uint8Array {
  const random = randomOf(Number.parseInt(digestOf(Buffer.from(`${device} ${round}`)).slice(-7), 16))
  return bytesOfWeights(Float32Array.from({ length: elements }, () => random() - 0.5))
}

/** The bench collects garbage before each sample, so that only memory in use counts. */
const SAMPLE_MS = 500

/** Collections take at most a tenth of the time, also on a busy machine. */
const REST_OF_COLLECTION = 10

/** Buffers of the preparation are freed some collections after their last use. */
const COLLECTIONS = 10
const COLLECTION_MS = 200

async function watchMemory() {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  let start = used()
  for (let turn = 0; turn < COLLECTIONS; turn++) {
    await sleep(COLLECTION_MS)
    start = Math.min(start, used())
  }
  let peak = start
  let timer: NodeJS.Timeout
  const sample = () => {
    const begunMs = performance.now()
    peak = Math.max(peak, used())
    timer = setTimeout(sample, Math.max(SAMPLE_MS, REST_OF_COLLECTION * (performance.now() - begunMs)))
  }
  sample()
  return {
    peakMb() {
      clearTimeout(timer)
      return Math.round((peak - start) / 1e5) / 10
    },
  }
}

/**
 * The figures of campaigns of ten, of a hundred and of a thousand devices. One body is in memory at a time: with ten
 * devices, 16 are never there at once, and the memory of bodies would count as memory of participants.
 */
export async function virtualClients(): Promise<object> {
  const of10 = await shownRun({ devices: 10, minimum: 4, overSelect: 1.5 })
  const of100 = await shownRun({ devices: 100, minimum: 60, overSelect: 0.66 })
  const of1000 = await shownRun({ devices: 1_000, minimum: 600, overSelect: 0.66 })
  const peakRatio = { of1000To10: of1000.peakMb / of10.peakMb, of1000To100: of1000.peakMb / of100.peakMb }
  return { weights: 55_050, of10, of100, of1000, peakRatio }
}

/** Runs a campaign in a process of its own. In a shared one, the start would contain the memory of earlier campaigns. */
async function shownRun(it: Pick<VirtualRun, 'devices' | 'minimum' | 'overSelect'>) {
  const program = fileURLToPath(new URL('virtual-run.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    JSON.stringify({ ...it, rounds: 2, seed: 1, bodiesAtOnce: 1 }),
  ])
  const { rounds, ...rest } = JSON.parse(stdout) as VirtualResult
  console.error(`federated: ${it.devices} devices: ${rest.elapsedMs} ms, ${rest.peakMb} MB at most`)
  return {
    ...rest,
    countedByRound: rounds
      .slice(1)
      .map(({ counted, selected }) => `${counted} of ${selected}`)
      .join(', '),
    attempts: rounds
      .slice(1)
      .map(({ attempts }) => attempts)
      .join(', '),
  }
}
