/**
 * Network change: a new network counts only after the hub has answered over it. Until then NetworkManager holds the way
 * back, and the new profiles are in memory alone: neither a dead agent nor a power cut leaves the device cut off.
 */
import { NETWORK_CONFIRM_SECONDS } from '@skerry/contract/settings/system-settings'
import { type NetworkProfile, networkSteps } from '@skerry/core/settings/network-profile'
import type { NetworkManager } from './network-manager.ts'

export type NetworkChangeDeps = {
  manager: NetworkManager
  /** The password of a wireless network; undefined if the device does not have the secret. */
  passwordOf(secret: string): string | undefined
  /** Whether the hub answers a new request now, with its certificate. */
  isHubReached(signal: AbortSignal): Promise<boolean>
  /** Keeps the way back on the disk, for an agent that starts in the middle of a change. */
  remember(checkpoint: string | undefined): Promise<void>
  /** Waits, such as for the hub. Rejects by the signal. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  confirmSeconds?: number
}

export type NetworkOutcome =
  | { state: 'applied' }
  | { state: 'returned'; problem: string }
  | { state: 'failed'; problem: string }

/** NetworkManager returns this much later than the agent: the agent knows the reason, and so comes first. */
const SPARE_SECONDS = 15

/** Applies the profiles, or returns to the network before. Rejects only by the signal. */
export async function changeNetwork(
  wanted: readonly NetworkProfile[],
  deps: NetworkChangeDeps,
  signal: AbortSignal,
): Promise<NetworkOutcome> {
  const { manager, confirmSeconds = NETWORK_CONFIRM_SECONDS } = deps
  let checkpoint: string | undefined
  try {
    const steps = networkSteps(
      wanted.map(({ id }) => id),
      await manager.profiles(),
    )
    if (steps.add.length === 0 && steps.remove.length === 0) return await presentNetwork(wanted, manager)
    const passwords = passwordsFor(wanted, steps.add, deps)
    checkpoint = await manager.checkpoint(confirmSeconds + SPARE_SECONDS)
    await deps.remember(checkpoint)
    for (const profile of wanted.filter(({ id }) => steps.add.includes(id)))
      await manager.tryProfile(profile, passwords.get(profile.id))
    for (const id of steps.remove) await manager.down(id)
    const problem = await unanswered(confirmSeconds, deps, signal)
    if (problem !== undefined) throw new Error(problem)
    await keepNetwork(manager, steps)
    await manager.release(checkpoint)
    return { state: 'applied' }
  } catch (error) {
    const problem = (error instanceof Error ? error.message : String(error)).slice(0, 300)
    // If this fails too, NetworkManager returns by itself.
    if (checkpoint !== undefined) await manager.rollBack(checkpoint).catch(() => undefined)
    signal.throwIfAborted()
    return { state: checkpoint === undefined ? 'failed' : 'returned', problem }
  } finally {
    await deps.remember(undefined)
  }
}

/** A device with several networks needs one of them; a profile on the disk alone carries nothing. */
async function presentNetwork(wanted: readonly NetworkProfile[], manager: NetworkManager): Promise<NetworkOutcome> {
  if (wanted.length === 0) return { state: 'applied' }
  const up = new Set(await manager.up())
  if (wanted.some(({ id }) => up.has(id))) return { state: 'applied' }
  const ids = wanted.map(({ id }) => id).join(', ')
  return { state: 'failed', problem: `the device has ${ids}, but no connection is up; check the cable or the signal` }
}

/**
 * After an interrupted change: a profile that its agent took down stays down, because NetworkManager takes that as a
 * person's wish. Brings up the first of the profiles that works, if none is up.
 */
export async function restoreNetwork(wanted: readonly NetworkProfile[], manager: NetworkManager): Promise<void> {
  const [present, up] = [await manager.profiles(), await manager.up()]
  const own = wanted.map(({ id }) => id).filter((id) => present.includes(id))
  if (own.some((id) => up.includes(id))) return
  for (const id of own) {
    const isUp = await manager.bringUp(id).then(
      () => true,
      () => false,
    )
    if (isUp) return
  }
}

/** The new profiles first: after a power cut between both, the device has both, and not none. */
async function keepNetwork(manager: NetworkManager, { add, remove }: ReturnType<typeof networkSteps>): Promise<void> {
  for (const id of add) await manager.keep(id)
  for (const id of remove) await manager.remove(id)
}

/** The reason why the new network does not count; undefined if the hub has answered. */
async function unanswered(
  seconds: number,
  { isHubReached, sleep }: NetworkChangeDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const problem = `the hub did not answer over the new network within ${seconds} s`
  const late = sleep(seconds * 1_000, either).then(() => problem)
  try {
    for (;;) {
      // A request that hangs must not hold up the way back.
      const answer = await Promise.race([late, isHubReached(either)])
      if (typeof answer === 'string') return answer
      if (answer) return undefined
      const pause = await Promise.race([late, sleep(AGAIN_MS, either)])
      if (typeof pause === 'string') return pause
    }
  } finally {
    over.abort()
    late.catch(() => undefined)
  }
}

/** The time between two requests to the hub over a new network. */
const AGAIN_MS = 2_000

/** [IEEE 802.11] 8 to 63 printable characters. Others could also be commands of the program that takes them. */
const PASSWORD = /^[ -~]{8,63}$/

function passwordsFor(wanted: readonly NetworkProfile[], added: readonly string[], { passwordOf }: NetworkChangeDeps) {
  return new Map(
    wanted.flatMap(({ id, secret }) => {
      if (secret === undefined || !added.includes(id)) return []
      const password = passwordOf(secret)
      if (password === undefined) throw new Error(`the device does not have the secret ${secret}`)
      if (!PASSWORD.test(password)) throw new Error(`the secret ${secret} is no password of 8 to 63 ASCII characters`)
      return [[id, password] as const]
    }),
  )
}
