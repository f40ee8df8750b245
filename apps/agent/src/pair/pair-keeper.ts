/**
 * Pair keeper: the pairs of this device on its disk, its part in them, and its reports. They count without a hub. As
 * long as this device is a member of a pair, it touches equipment only while it is the active one.
 */
import { join } from 'node:path'
import {
  DEVICE_PAIRS_MAX,
  type HeldPairs,
  type PairOrder,
  type PairReport,
  PairsDocument,
} from '@skerry/contract/held/pairs'
import { Digest } from '@skerry/contract/values/digest'
import { type DeviceId, PairId } from '@skerry/contract/values/ids'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import { bootMs, type Lease } from '@skerry/platform/process/lease-gate'
import type { Log } from '@skerry/platform/process/log'
import * as z from 'zod'
import type { Conditions } from '../conditions.ts'
import type { Identity } from '../joining/identity.ts'
import type { Address } from '../options.ts'
import type { RunProgram } from '../system/run-program.ts'
import { createWakeUp, type WakeUp } from '../wake-up.ts'
import { type Credentials, serveBallots } from './ballot-server.ts'
import { openPairRun, type PairRun } from './pair-run.ts'
import { openVoteBox, type VoteBox } from './vote-box.ts'

export type PairKeeper = AsyncDisposable & {
  held(): HeldPairs
  /** From now on these pairs count, and are on the disk. */
  take(document: PairsDocument): Promise<void>
  news(signal: AbortSignal): Promise<void>
  use(identity: Identity, privateKey: string): void
  /** Whether this device may read and write equipment now. */
  mayAct(): boolean
  /** Undefined if this device is a member of no pair. */
  lease(): Lease | undefined
}

export type PairKeeperDeps = {
  fileSystem: FileSystem
  data: string
  /** Undefined if the operator allows no pair. */
  door: Address | undefined
  run: RunProgram
  isFit(): boolean
  onLease(lease: Lease | undefined): void
  /** The connections to equipment follow `mayAct`. Resolves with whether they do. */
  onTurn(): Promise<boolean>
  clock: Clock
  random: () => number
  conditions: Conditions
  log: Log
}

/** `missing`: pairs that go on although the last document of the hub did not name them. */
const PairsFile = PairsDocument.extend({ missing: z.array(PairId).optional() })
type PairsFile = z.infer<typeof PairsFile>

type Keeping = PairKeeperDeps & {
  box: VoteBox
  /** Undefined if the file is damaged. Then nobody knows whether this device may act, and it does not. */
  document: PairsFile | 'none' | 'damaged'
  own: Credentials | undefined
  member: PairRun | undefined
  /** The epochs that this device has voted for as a witness, and since when. */
  witnessed: Map<PairId, { epoch: number; sinceMs: number }>
  woken: WakeUp
  toldKey: string
  stop: AbortController
}

/** A state that changes all the time must not keep the hub busy. */
const NEWS_GAP_MS = 1_000

/** A look at the reachability of the others. */
const LOOK_MS = 2_000

/** Reads the pairs on the disk, and begins as soon as the device has its identity. */
export async function openPairKeeper(deps: PairKeeperDeps): Promise<PairKeeper> {
  const path = join(deps.data, 'pairs.json')
  const bytes = await readIfPresent(deps.fileSystem, path)
  const it: Keeping = {
    ...deps,
    box: await openVoteBox({ ...deps, bootMs }),
    document: bytes ? (parsed(bytes) ?? 'damaged') : 'none',
    own: undefined,
    member: undefined,
    witnessed: new Map(),
    woken: createWakeUp(deps.clock),
    toldKey: '',
    stop: new AbortController(),
  }
  if (it.document === 'damaged') deps.conditions.raise(DAMAGED)
  const serving = deps.door && serveBallots(deps.door, serverDeps(it), it.stop.signal)
  return {
    held: () => heldBy(it),
    async take(sent) {
      const document = withMissing(it.document, sent)
      await writeAtomic(deps.fileSystem, path, JSON.stringify(document))
      it.document = document
      deps.conditions.clear(DAMAGED.code)
      await follow(it)
      await it.box.keepOnly(document.pairs.map(({ pair }) => pair))
    },
    news: (signal) => news(it, signal),
    use(identity, privateKey) {
      it.own = { identity, privateKey }
      void follow(it).catch((error: unknown) => deps.log.error('pair_not_followed', { error }))
    },
    mayAct: () => mayAct(it),
    lease: () => leaseOf(it),
    async [Symbol.asyncDispose]() {
      it.stop.abort()
      await Promise.all([it.member?.[Symbol.asyncDispose](), serving])
    },
  }
}

const DAMAGED = {
  code: 'pairs_damaged',
  message:
    'the pairs of this device on its disk are damaged; it does not touch equipment until the hub sends them again',
}

function parsed(bytes: Uint8Array): PairsFile | undefined {
  try {
    return PairsFile.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}

const serverDeps = (it: Keeping) => ({
  ...it,
  credentials: () => it.own,
  orders: () => ordersOf(it),
})

const ordersOf = ({ document }: Pick<Keeping, 'document'>): readonly PairOrder[] =>
  typeof document === 'string' ? [] : document.pairs

/** The pair of which this device is a member. The document names the device, so that it needs no identity for this. */
function ownPair({ document }: Pick<Keeping, 'document'>): OwnPair | undefined {
  if (typeof document === 'string') return undefined
  const self = document.deviceId
  const order = document.pairs.find((one) => isMember(one, self))
  return order && { order, self, isMissing: document.missing?.includes(order.pair) ?? false }
}

type OwnPair = { order: PairOrder; self: DeviceId; isMissing: boolean }

function mayAct(it: Keeping): boolean {
  if (it.document === 'damaged') return false
  return ownPair(it) === undefined || (it.member?.isActive() ?? false)
}

function leaseOf(it: Keeping): Lease | undefined {
  if (it.document !== 'damaged' && ownPair(it) === undefined) return undefined
  return it.member?.lease() ?? { untilMs: 0, epoch: 0 }
}

/** Begins the part in a new pair, and ends the one in a pair that is gone. */
async function follow(it: Keeping): Promise<void> {
  const own = ownPair(it)
  if (it.member && it.member.pair !== own?.order.pair) {
    const { member } = it
    it.member = undefined
    await member[Symbol.asyncDispose]()
  }
  // Without a door of its own it could never get a vote. It stays passive, and touches no address.
  if (own && it.own && it.door && !it.member && !it.stop.signal.aborted) {
    const order = () => ownPair(it)?.order ?? own.order
    it.member = openPairRun({ ...it, self: own.self, order, credentials: () => it.own, onChange: it.woken.wake })
  }
  if (own && !it.door) it.conditions.raise(notAllowed(own.order.name))
  else it.conditions.clear('pair_not_allowed')
  if (own?.isMissing) it.conditions.raise(missing(own.order.name))
  else it.conditions.clear('pair_missing')
  it.onLease(leaseOf(it))
  void it.onTurn()
  it.woken.wake()
}

const notAllowed = (pair: string) => ({
  code: 'pair_not_allowed',
  message: `this device is a member of the pair ${pair}, and its agent was started without --pair; start it with --pair HOST:PORT`,
})

const missing = (pair: string) => ({
  code: 'pair_missing',
  message: `the hub has no record of the pair ${pair}, and nobody has ended it; this device stays in it. If the hub was restored from a backup, create the pair again; to end it, remove it afterwards`,
})

/**
 * The document to follow. A pair that is neither in the hub's document nor ended goes on, because a hub that was
 * restored from an older backup does not know it. A device is a member of one pair, so a new membership replaces it.
 */
function withMissing(known: Keeping['document'], sent: PairsDocument): PairsFile {
  // A device that joined again has another id, and no part in the pairs of the old one.
  if (typeof known === 'string' || known.deviceId !== sent.deviceId) return sent
  const settled = new Set([...sent.pairs.map(({ pair }) => pair), ...(sent.ended ?? [])])
  const hasMembership = sent.pairs.some((order) => isMember(order, sent.deviceId))
  const left = known.pairs.filter(
    (order) => !settled.has(order.pair) && !(hasMembership && isMember(order, sent.deviceId)),
  )
  const own = left.filter((order) => isMember(order, sent.deviceId))
  const witnessed = left.filter((order) => !own.includes(order))
  const pairs = [...own, ...sent.pairs, ...witnessed].slice(0, DEVICE_PAIRS_MAX)
  return { ...sent, pairs, missing: left.map(({ pair }) => pair) }
}

const isMember = ({ members }: PairOrder, self: DeviceId) => members.some(({ device }) => device === self)

/** The revision of no document, so that the hub sends its own again, even an empty one. */
const NO_REVISION = Digest.parse(`sha256:${'0'.repeat(64)}`)

function heldBy(it: Keeping): HeldPairs {
  const { document, door } = it
  return {
    ...(typeof document !== 'string' && { revision: document.revision }),
    ...(document === 'damaged' && { revision: NO_REVISION }),
    ...(door && { door: `${door.host.includes(':') ? `[${door.host}]` : door.host}:${door.port}` }),
    pairs: ordersOf(it).map((order) => reportOf(it, order)),
  }
}

function reportOf(it: Keeping, { pair }: PairOrder): PairReport {
  if (it.member?.pair === pair) return it.member.report()
  const { epoch } = it.box.vote(pair)
  const known = it.witnessed.get(pair)
  const since = known?.epoch === epoch ? known : { epoch, sinceMs: Math.floor(it.clock.nowMs()) }
  it.witnessed.set(pair, since)
  const role = ownPair(it)?.order.pair === pair ? 'passive' : 'witness'
  return { pair, role, ...since, doneTurn: it.box.doneTurn(pair), unreached: [] }
}

/** The time of a vote is no news by itself. */
const keyOf = ({ pairs }: HeldPairs) => JSON.stringify(pairs)

async function news(it: Keeping, signal: AbortSignal): Promise<void> {
  await it.clock.sleep(NEWS_GAP_MS, signal)
  while (keyOf(heldBy(it)) === it.toldKey) await it.woken.wait(LOOK_MS, signal)
  it.toldKey = keyOf(heldBy(it))
}
