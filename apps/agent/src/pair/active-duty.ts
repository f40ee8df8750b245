/** Active duty: keeps the virtual address on the interface while this device is active, and removes it afterwards. */
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { AddressPlace, VirtualAddress } from './virtual-address.ts'

export type DutyDeps = {
  place(): AddressPlace
  open(place: AddressPlace): VirtualAddress
  isActive(): boolean
  /** Called at each change of activity. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  clock: Pick<Clock, 'monotonicMs'>
  conditions: Conditions
  log: Log
}

export type ActiveDuty = {
  /** The reason why the address is not here although it should be. */
  problem(): string | undefined
  run(signal: AbortSignal): Promise<void>
}

/** Well within the life of the address in the kernel. */
const RENEW_MS = 500

/** Times after the takeover: a switch or a neighbour may miss the first one. */
const ANNOUNCE_MS = [0, 1_000, 3_000, 8_000, 20_000] as const

const FAILED = 'pair_address_failed'

type Held = { place: AddressPlace; address: VirtualAddress; sinceMs: number; announced: number }

/**
 * At the start it removes an address that an agent before this one has left. It never touches an address that belongs
 * to the device itself: without it, nobody could reach the device any more.
 */
export function createActiveDuty(deps: DutyDeps): ActiveDuty {
  let problem: string | undefined
  let held: Held | undefined
  const fail = (error: unknown) => {
    problem = String(error instanceof Error ? error.message : error).slice(0, 400)
    const { address, interface: device } = deps.place()
    const advice = 'the virtual address must be free, and the service of the agent needs CAP_NET_ADMIN'
    const message = `the address ${address} cannot be set on ${device}: ${problem}; ${advice}`
    deps.conditions.raise({ code: FAILED, message })
  }
  const drop = async (address: VirtualAddress) => {
    await address.drop().catch((error: unknown) => deps.log.warn('pair_address_stays', { error }))
    problem = undefined
    deps.conditions.clear(FAILED)
  }
  /** Only an address that was free is held, and dropped afterwards. */
  const heldAt = async (place: AddressPlace, last: Held | undefined): Promise<Held> => {
    if (last) return last
    const address = deps.open(place)
    await address.requireFree()
    return { place, address, sinceMs: deps.clock.monotonicMs(), announced: 0 }
  }
  const dropLeft = async () => {
    try {
      const address = deps.open(deps.place())
      await address.requireFree()
      await drop(address)
    } catch (error) {
      fail(error)
    }
  }
  const hold = async () => {
    const place = deps.place()
    if (held && JSON.stringify(held.place) !== JSON.stringify(place)) await release()
    try {
      held = await heldAt(place, held)
      await held.address.hold()
      problem = undefined
      deps.conditions.clear(FAILED)
    } catch (error) {
      fail(error)
      return
    }
    const dueMs = ANNOUNCE_MS[held.announced]
    if (dueMs === undefined || deps.clock.monotonicMs() - held.sinceMs < dueMs) return
    held.announced += 1
    void held.address.announce()
  }
  const release = async () => {
    const last = held
    held = undefined
    if (last) await drop(last.address)
    else if (problem !== undefined) await dropLeft()
  }
  const keep = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await (deps.isActive() ? hold() : release())
      await deps.wait(deps.isActive() ? RENEW_MS : RENEW_MS * 2, signal)
    }
  }
  return {
    problem: () => problem,
    async run(signal) {
      await dropLeft()
      try {
        await keep(signal)
      } catch (error) {
        if (!signal.aborted) throw error
      } finally {
        await release()
      }
    },
  }
}
