/**
 * Residency: the memory that all loaded workers of a host may take. The least recently used model goes when another one
 * needs its room: only if its policy allows zero workers, and never while it has a request. A model whose first worker
 * finds no room waits until another one is idle. Workers beyond the first take only free room.
 */

/** A loaded model, as the limit sees it. */
export type Resident = {
  name: string
  /** When its last request came, on a clock that never jumps. */
  lastUsedUs(): number
  /** Whether it may go at all. */
  isPinned(): boolean
  /** Ends its workers if it is idle. False if it is not, or has none. */
  evict(reason: string): boolean
}

export type Claim = {
  resident: Resident
  bytes: number
  /** `load`: the version proves itself now, and gets its room in any case. `first`: a request waits for it. */
  need: 'load' | 'first' | 'more'
}

export type ClaimAnswer = { ok: true } | { ok: false; message: string }

export type ResidentView = { name: string; bytes: number; isPinned: boolean; lastUsedUs: number }

export type ResidencyView = {
  limitBytes: number | undefined
  usedBytes: number
  evictions: number
  /** Models that wait for room. */
  waiting: number
  residents: ResidentView[]
}

export type Residency = {
  claim(claim: Claim, signal: AbortSignal): Promise<ClaimAnswer>
  /** A worker has ended. */
  free(resident: Resident, bytes: number): void
  /** The model has no request any more: it may go. */
  idle(): void
  view(): ResidencyView
}

type Waiter = Claim & { settle: (answer: ClaimAnswer) => void }

type Held = {
  limitBytes: number | undefined
  used: Map<Resident, number>
  waiters: Waiter[]
  /** Models that are on their way out: their bytes come free soon. */
  leaving: Set<Resident>
  evictions: number
}

/** Without a limit, each claim is granted. */
export function createResidency(limitBytes: number | undefined): Residency {
  const held: Held = { limitBytes, used: new Map(), waiters: [], leaving: new Set(), evictions: 0 }
  return {
    claim: (claim, signal) => take(held, claim, signal),
    free(resident, bytes) {
      const left = (held.used.get(resident) ?? 0) - bytes
      if (left > 0) held.used.set(resident, left)
      else {
        held.used.delete(resident)
        held.leaving.delete(resident)
      }
      serve(held)
    },
    idle: () => serve(held),
    view: () => viewOf(held),
  }
}

async function take(held: Held, claim: Claim, signal: AbortSignal): Promise<ClaimAnswer> {
  if (claim.need === 'more' && !hasRoom(held, claim.bytes)) {
    return { ok: false, message: `${textOf(held)}, and no room is left for one more worker` }
  }
  if (claim.need !== 'first' || hasRoom(held, claim.bytes)) {
    if (!hasRoom(held, claim.bytes)) makeRoom(held, claim)
    return grant(held, claim)
  }
  const problem = neverFits(held, claim)
  if (problem !== undefined) return { ok: false, message: problem }
  const { promise, resolve } = Promise.withResolvers<ClaimAnswer>()
  const waiter: Waiter = { ...claim, settle: resolve }
  held.waiters.push(waiter)
  const give = () => {
    held.waiters = held.waiters.filter((other) => other !== waiter)
    resolve({ ok: false, message: 'nobody waits for the model any more' })
    serve(held)
  }
  signal.addEventListener('abort', give, { once: true })
  serve(held)
  const answer = await promise
  signal.removeEventListener('abort', give)
  return answer
}

const usedBytes = ({ used }: Held) => [...used.values()].reduce((sum, bytes) => sum + bytes, 0)

const hasRoom = (held: Held, bytes: number) =>
  held.limitBytes === undefined || (held.waiters.length === 0 && usedBytes(held) + bytes <= held.limitBytes)

function grant(held: Held, { resident, bytes }: Claim): ClaimAnswer {
  // It may come back before its last worker has ended: then it stays.
  held.leaving.delete(resident)
  held.used.set(resident, (held.used.get(resident) ?? 0) + bytes)
  return { ok: true }
}

/** Why no wait would help: the pinned models leave too little. */
function neverFits(held: Held, { resident, bytes }: Claim): string | undefined {
  const pinned = [...held.used].reduce(
    (sum, [other, size]) => sum + (other !== resident && other.isPinned() ? size : 0),
    0,
  )
  if (held.limitBytes === undefined || pinned + bytes <= held.limitBytes) return undefined
  return `${textOf(held)}, pinned models take ${pinned}, and this one needs ${bytes}; raise --model-memory of the agent, or give other models min 0`
}

/** By the name of the error, core knows that the machine lacks memory: that is no evidence against a version. */
const textOf = ({ limitBytes }: Held) => `ENOMEM: loaded models may take ${limitBytes} bytes of memory`

/** Gives room to the waiting models, in the order in which they came. */
function serve(held: Held): void {
  for (;;) {
    const [first] = held.waiters
    if (first === undefined) return
    const problem = neverFits(held, first)
    if (problem !== undefined) {
      // Models that were pinned since it came: it must not keep the others from their turns.
      held.waiters.shift()
      first.settle({ ok: false, message: problem })
      continue
    }
    if (usedBytes(held) + first.bytes > (held.limitBytes ?? Number.POSITIVE_INFINITY)) {
      makeRoom(held, first)
      return
    }
    held.waiters.shift()
    first.settle(grant(held, first))
  }
}

/** Sends idle models away, the least recently used first, until the claim would fit. Their memory comes a little later. */
function makeRoom(held: Held, { resident, bytes }: Claim): void {
  const limit = held.limitBytes ?? Number.POSITIVE_INFINITY
  const leavingBytes = () => [...held.leaving].reduce((sum, one) => sum + (held.used.get(one) ?? 0), 0)
  const candidates = [...held.used.keys()]
    .filter((other) => other !== resident && !held.leaving.has(other) && !other.isPinned())
    .toSorted((a, b) => a.lastUsedUs() - b.lastUsedUs())
  for (const candidate of candidates) {
    if (usedBytes(held) - leavingBytes() + bytes <= limit) return
    // A worker may end at once, within the call.
    held.leaving.add(candidate)
    if (candidate.evict(`${resident.name} needs its memory, and it was used least recently`)) held.evictions++
    else held.leaving.delete(candidate)
  }
}

const viewOf = (held: Held): ResidencyView => ({
  limitBytes: held.limitBytes,
  usedBytes: usedBytes(held),
  evictions: held.evictions,
  waiting: held.waiters.length,
  residents: [...held.used].map(([resident, bytes]) => ({
    name: resident.name,
    bytes,
    isPinned: resident.isPinned(),
    lastUsedUs: resident.lastUsedUs(),
  })),
})
