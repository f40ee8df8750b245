/** Pair run: the part of this device in its pair, from the document of the hub until another one replaces it. */
import type { PairOrder, PairReport } from '@skerry/contract/held/pairs'
import { hostOf } from '@skerry/contract/pairs/pair'
import type { PairId } from '@skerry/contract/values/ids'
import { bootMs, type Lease } from '@skerry/platform/process/lease-gate'
import type { Address } from '../options.ts'
import { createWakeUp } from '../wake-up.ts'
import { createActiveDuty } from './active-duty.ts'
import type { PairKeeperDeps } from './pair-keeper.ts'
import { type LinesDeps, openPairLines } from './pair-lines.ts'
import { createPairMember, type PairMember } from './pair-member.ts'
import { type AddressPlace, openVirtualAddress } from './virtual-address.ts'
import type { VoteBox } from './vote-box.ts'

export type PairRun = AsyncDisposable & {
  readonly pair: PairId
  isActive(): boolean
  lease(): Lease
  report(): PairReport
}

export type PairRunDeps = Omit<PairKeeperDeps, 'onLease'> &
  Pick<LinesDeps, 'self' | 'order' | 'credentials'> & {
    box: VoteBox
    onLease(lease: Lease): void
    /** The report has changed. */
    onChange(): void
  }

/** A restart of the device, or of a switch between both, is no reason to call a person. */
const LONELY_MS = 15_000

/** The reachability of the others is judged so often. */
const WATCH_MS = 1_000

/** Begins at once. */
export function openPairRun(deps: PairRunDeps): PairRun {
  const { clock, conditions, log, box, self } = deps
  const { pair } = deps.order()
  const stop = new AbortController()
  const lines = openPairLines({ ...deps, bootMs })
  const turned = createWakeUp(clock)
  const member = createPairMember({
    ...deps,
    lines,
    bootMs,
    async onTurn() {
      turned.wake()
      deps.onChange()
      return deps.onTurn()
    },
  })
  const duty = createActiveDuty({
    ...deps,
    place: () => placeOf(deps.order(), deps.door),
    open: (place) => openVirtualAddress(place, deps),
    isActive: member.isActive,
    wait: turned.wait,
  })
  const loops = [member.run(stop.signal), duty.run(stop.signal), watch({ ...deps, member, lines }, stop.signal)]
  const ended = Promise.all(
    loops.map((loop) =>
      loop.catch((error: unknown) => {
        // Without its loop the lease ends by time: the other member takes over.
        if (!stop.signal.aborted) log.error('pair_broken', { error })
      }),
    ),
  )
  return {
    pair,
    isActive: member.isActive,
    lease: member.lease,
    report() {
      const { epoch, sinceMs, reason } = member.standing()
      const isActive = member.isActive()
      const problem = duty.problem()
      return {
        pair,
        role: isActive ? 'active' : 'passive',
        epoch,
        sinceMs,
        ...(isActive && reason && { reason }),
        doneTurn: box.doneTurn(pair),
        unreached: lines.unreached(),
        ...(problem !== undefined && { problem }),
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended
      lines[Symbol.dispose]()
      for (const code of CODES) conditions.clear(code)
      log.info('pair_left', { pair, self })
    },
  }
}

function placeOf({ address, interface: device, members, witness }: PairOrder, own: Address | undefined): AddressPlace {
  const doors = [...members, witness].flatMap(({ door }) => (door === undefined ? [] : [hostOf(door)]))
  return { address, interface: device, doors: own ? [own.host, ...doors] : doors }
}

const CODES = ['pair_unprotected', 'pair_without_active', 'pair_address_failed'] as const

type Watched = Pick<PairRunDeps, 'order' | 'box' | 'conditions' | 'clock' | 'onChange'> & {
  member: Pick<PairMember, 'isActive'>
  lines: { unreached(): string[] }
}

/** Raises the conditions that need a person. */
async function watch(it: Watched, signal: AbortSignal): Promise<void> {
  let reachedMs = bootMs()
  let heldMs = bootMs()
  let key = ''
  while (!signal.aborted) {
    const { pair, name } = it.order()
    const unreached = it.lines.unreached()
    const nowMs = bootMs()
    const isActive = it.member.isActive()
    if (unreached.length === 0) reachedMs = nowMs
    if (isActive || nowMs < it.box.vote(pair).guardedUntilMs) heldMs = nowMs
    tell(it, 'pair_unprotected', nowMs - reachedMs > LONELY_MS && unprotected(name, unreached))
    tell(it, 'pair_without_active', nowMs - heldMs > LONELY_MS && withoutActive(name))
    const next = `${isActive} ${unreached}`
    if (next !== key) it.onChange()
    key = next
    await it.clock.sleep(WATCH_MS, signal).catch(() => undefined)
  }
}

function tell({ conditions }: Pick<Watched, 'conditions'>, code: string, message: string | false): void {
  if (message === false) conditions.clear(code)
  else conditions.raise({ code, message })
}

const unprotected = (name: string, unreached: readonly string[]) =>
  `the pair ${name} is without protection: this device cannot reach ${unreached.join(' and ')}`

const withoutActive = (name: string) =>
  `this device sees no active device of the pair ${name}: two of its three devices must reach each other`
