/**
 * Connection guard: keeps room for new clients on a port. Connections that ask nothing end within seconds. When the port, or the share of one
 * address, is full, a new connection takes the place of one on which nothing is under way.
 *
 * A connection is known by its other end (`address:port`), because TLS and HTTP/2 hide the socket below them.
 */
import type { Socket } from 'node:net'

export type GuardLimits = {
  connectionsMax: number
  /** Clients behind one proxy or address translator share it. */
  eachAddressMax: number
  /** So long may a new connection be silent before its first request has come. */
  firstRequestMs: number
  /** So long may a request pause on its way in. */
  stallMs: number
  /** So long may a first request or an answer take on its way. */
  transferMs: number
  /** So long may a client keep a connection on which it asks nothing. */
  idleMs: number
}

/** One request that is under way. */
export type Request = {
  isReceiving(): boolean
  isSending(): boolean
}

export type ConnectionGuard = {
  /** Takes the connection in, or ends it when nothing can make room for it. Says whether it is in. */
  admit(socket: Socket): boolean
  /** Notes a request of the connection with this other end. Call the result when it is answered or gone. */
  begin(otherEnd: string, request: Request): () => void
}

export type Guarded = {
  address: string
  openedMs: number
  /** Since when no byte has come or gone. */
  quietSinceMs: number
  hasAsked: boolean
  /** Whether the server works on a request, or answers one. */
  isBusy: boolean
}

type Entry = {
  socket: Socket
  address: string
  openedMs: number
  quietSinceMs: number
  bytes: number
  hasAsked: boolean
  requests: Map<Request, { sendingSinceMs: number | undefined }>
}

/** Connections end a second late at most, and looking at a thousand of them costs a millisecond. */
const SWEEP_MS = 1_000

/** A process that slept for longer has not read what its clients sent meanwhile, so that their silence is its own. */
const OVERSLEPT_MS = 3 * SWEEP_MS

/** A client that has just connected sends its request before this; any local network is faster. */
const SETTLING_MS = 250

/** What `begin` knows a connection by. */
export const otherEndOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${remoteAddress}:${remotePort}`

/** Guards one port. It looks at its connections while there are any. */
export function createConnectionGuard(limits: GuardLimits, clock: { nowMs(): number }): ConnectionGuard {
  const entries = new Map<string, Entry>()
  let sweeping: NodeJS.Timeout | undefined
  let sweptMs = 0

  const sweep = () => {
    const nowMs = clock.nowMs()
    const hasOverslept = nowMs - sweptMs > OVERSLEPT_MS
    sweptMs = nowMs
    for (const entry of entries.values()) {
      observe(entry, nowMs)
      if (hasOverslept) restart(entry, nowMs)
      if (isOver(entry, limits, nowMs)) entry.socket.destroy()
    }
  }
  const leave = (otherEnd: string, entry: Entry) => {
    if (entries.get(otherEnd) === entry) entries.delete(otherEnd)
    if (entries.size > 0) return
    clearInterval(sweeping)
    sweeping = undefined
  }
  const makeRoom = (address: string, nowMs: number): boolean => {
    const choice = chooseAmong([...entries.values()], { address, nowMs, limits })
    if (choice === 'admit' || choice === undefined) return choice === 'admit'
    entries.delete(otherEndOf(choice.socket))
    choice.socket.destroy()
    return true
  }

  return {
    admit(socket) {
      const { remoteAddress: address } = socket
      const nowMs = clock.nowMs()
      const isCrowded = entries.size >= Math.min(limits.connectionsMax, limits.eachAddressMax)
      if (address === undefined || (isCrowded && !makeRoom(address, nowMs))) {
        socket.destroy()
        return false
      }
      const otherEnd = otherEndOf(socket)
      const entry = entryOf(socket, address, nowMs)
      entries.set(otherEnd, entry)
      socket.once('close', () => leave(otherEnd, entry))
      if (sweeping) return true
      sweptMs = nowMs
      sweeping = setInterval(sweep, SWEEP_MS).unref()
      return true
    },
    begin(otherEnd, request) {
      const entry = entries.get(otherEnd)
      if (!entry) return () => undefined
      entry.hasAsked = true
      entry.requests.set(request, { sendingSinceMs: undefined })
      return () => {
        entry.requests.delete(request)
        entry.quietSinceMs = clock.nowMs()
      }
    },
  }
}

const entryOf = (socket: Socket, address: string, nowMs: number): Entry => ({
  socket,
  address,
  openedMs: nowMs,
  quietSinceMs: nowMs,
  bytes: 0,
  hasAsked: false,
  requests: new Map(),
})

type Newcomer = { address: string; nowMs: number; limits: Pick<GuardLimits, 'connectionsMax' | 'eachAddressMax'> }

function chooseAmong(entries: readonly Entry[], newcomer: Newcomer): Entry | 'admit' | undefined {
  for (const entry of entries) observe(entry, newcomer.nowMs)
  const choice = chooseForNewcomer(
    entries.map((entry) => ({ ...entry, entry, isBusy: isBusy(entry) })),
    newcomer,
  )
  return choice === 'admit' ? choice : choice?.entry
}

/**
 * Whether there is room for a connection of the address, and if not, which connection should make it: first one that has asked nothing yet, then
 * the one that is quiet for longest. None of them is at work. Undefined when all are.
 */
export function chooseForNewcomer<Item extends Guarded>(
  open: readonly Item[],
  { address, nowMs, limits }: Newcomer,
): Item | 'admit' | undefined {
  const own = open.filter((each) => each.address === address)
  const isOwnFull = own.length >= limits.eachAddressMax
  if (!isOwnFull && open.length < limits.connectionsMax) return 'admit'
  const candidates = (isOwnFull ? own : open).filter(
    ({ isBusy: works, quietSinceMs }) => !works && nowMs - quietSinceMs >= SETTLING_MS,
  )
  const byWorth = (a: Item, b: Item) =>
    Number(a.hasAsked) - Number(b.hasAsked) || a.quietSinceMs - b.quietSinceMs || a.openedMs - b.openedMs
  return candidates.sort(byWorth)[0]
}

/** Whatever has come or gone since the last look makes the connection new again. */
function observe(entry: Entry, nowMs: number): void {
  const bytes = entry.socket.bytesRead + entry.socket.bytesWritten
  if (bytes !== entry.bytes) entry.quietSinceMs = nowMs
  entry.bytes = bytes
  for (const [request, state] of entry.requests) if (request.isSending()) state.sendingSinceMs ??= nowMs
}

/** All times of the connection begin anew. */
function restart(entry: Entry, nowMs: number): void {
  entry.openedMs = nowMs
  entry.quietSinceMs = nowMs
  for (const state of entry.requests.values()) state.sendingSinceMs = undefined
}

/** A request that is still on its way in costs the server nothing but the place. */
const isBusy = ({ requests }: Entry) => [...requests.keys()].some((request) => !request.isReceiving())

function isOver(entry: Entry, limits: GuardLimits, nowMs: number): boolean {
  const quietMs = nowMs - entry.quietSinceMs
  if (!entry.hasAsked) return quietMs >= limits.firstRequestMs || nowMs - entry.openedMs >= limits.transferMs
  if (entry.requests.size === 0) return quietMs >= limits.idleMs
  const isUnread = [...entry.requests.values()].some(
    ({ sendingSinceMs = nowMs }) => nowMs - sendingSinceMs >= limits.transferMs,
  )
  return isUnread || (!isBusy(entry) && quietMs >= limits.stallMs)
}
