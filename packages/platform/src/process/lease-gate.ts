/**
 * Lease gate: the last check before a write to equipment, in the thread that writes. A device of a pair may write only
 * while its lease counts. The threads of a process share one gate, so that no message can come too late.
 *
 * The clock is the time since the start of the machine. It goes on while the machine sleeps, has the same value in all
 * processes, and nobody can set it.
 */
import { uptime } from 'node:os'

/** The memory that threads share: the end of the lease, and its epoch. */
export type GateMemory = SharedArrayBuffer

/** `untilMs` is a time of `bootMs`. */
export type Lease = { untilMs: number; epoch: number }

export type LeaseGate = {
  readonly memory: GateMemory
  /** Undefined if the device is in no pair: it may always write. */
  become(lease: Lease | undefined): void
  /** The epoch under which a write may begin now, or undefined. Without a pair it is 0. */
  epoch(): number | undefined
  /** The time until the lease ends. Infinite without a pair. */
  remainingMs(): number
}

/** A write begins only if it has this time to arrive. What is still under way then ends with its connection. */
export const WRITE_ROOM_MS = 300

/** A lease without an end, for a device in no pair. */
const FREE: Lease = { untilMs: Number.POSITIVE_INFINITY, epoch: 0 }

/** Milliseconds since the start of the machine, in steps of 10. */
export const bootMs = (): number => uptime() * 1_000

/** Opens the gate over the memory of another thread, or over new memory, in which it is open. */
export function openLeaseGate(memory?: GateMemory, nowMs: () => number = bootMs): LeaseGate {
  const shared = memory ?? new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)
  const cells = new Float64Array(shared)
  const become = ({ untilMs, epoch }: Lease) => {
    // The end first: a reader between both lines sees a lease that ends, or the new one.
    cells[0] = 0
    cells[1] = epoch
    cells[0] = untilMs
  }
  if (!memory) become(FREE)
  const remainingMs = () => (cells[0] ?? 0) - nowMs()
  return {
    memory: shared,
    become: (lease) => become(lease ?? FREE),
    remainingMs,
    epoch: () => (remainingMs() > WRITE_ROOM_MS ? cells[1] : undefined),
  }
}

/** Carries out a write until the lease ends. `late`: the lease ended first, so the connection must be given up. */
export async function writeWithin<Result>(
  gate: LeaseGate,
  write: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<{ kind: 'done'; result: Result } | { kind: 'closed' } | { kind: 'late' }> {
  if (gate.epoch() === undefined) return { kind: 'closed' }
  const remainingMs = gate.remainingMs()
  if (remainingMs === Number.POSITIVE_INFINITY) return { kind: 'done', result: await write(signal) }
  const ending = new AbortController()
  const late = Promise.withResolvers<{ kind: 'late' }>()
  const check = () => {
    const leftMs = gate.remainingMs()
    // The lease was renewed meanwhile.
    if (leftMs > 0) {
      timer = setTimeout(check, Math.min(leftMs, TIMER_MS_MAX))
      return
    }
    ending.abort(new Error(ENDED))
    late.resolve({ kind: 'late' })
  }
  let timer = setTimeout(check, Math.min(remainingMs, TIMER_MS_MAX))
  const writing = write(withinLease(gate, signal, ending))
  // Its outcome no longer counts if the lease has ended.
  writing.catch(() => undefined)
  try {
    return await Promise.race([writing.then((result) => ({ kind: 'done' as const, result })), late.promise])
  } catch (error) {
    if (ending.signal.aborted && !signal.aborted) return { kind: 'late' }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A signal that looks at the clock itself. After a pause of the process, answers of the equipment are handled before any
 * timer fires: a write of several requests must not send its next one then.
 */
function withinLease(gate: LeaseGate, signal: AbortSignal, ending: AbortController): AbortSignal {
  const look = () => {
    if (gate.remainingMs() <= 0) ending.abort(new Error(ENDED))
  }
  return Object.defineProperties(AbortSignal.any([signal, ending.signal]), {
    aborted: {
      get: () => {
        look()
        return signal.aborted || ending.signal.aborted
      },
    },
    throwIfAborted: {
      value: () => {
        look()
        signal.throwIfAborted()
        ending.signal.throwIfAborted()
      },
    },
  })
}

const ENDED = 'the lease of the pair has ended'

/** A gate may become free while a write waits. */
const TIMER_MS_MAX = 1_000
