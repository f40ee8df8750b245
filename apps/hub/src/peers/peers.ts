/**
 * Peers: requests of this hub to the other hubs of its database. To find the link of a device, or a command, it sends a
 * request to all of them, because only their memory has it. A hub answers for itself alone and forwards nothing, so a
 * request makes one step at most.
 */
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import type { CommandId, DeviceId, StreamId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'
import * as z from 'zod'
import type { Member } from '../cluster/attendance.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { PeerAnswer, PeerLine } from './peer-line.ts'

export type Unreached = { member: Member; message: string }

/** The hub that has the searched object, and the hubs that did not answer. */
export type Found = { holder?: Member & { heldForMs: number }; unreached: Unreached[] }

export type Peers = PeerLine & {
  /**
   * The other hub that has the device's newest link. If there are two links, the older one is dead and has not noticed.
   */
  withDevice(id: DeviceId, hereForMs: number | undefined, signal: AbortSignal): Promise<Found>
  /** The other hub that sent this command to the device. */
  withCommand(id: CommandId, deviceId: DeviceId, signal: AbortSignal): Promise<Found>
  /** The other hub that waits for this stream of the device. */
  withStream(id: StreamId, deviceId: DeviceId, signal: AbortSignal): Promise<Found>
  /** Whether the hub is still up. */
  isPresent(hubId: string): Promise<boolean>
}

/** The database removes a hub that hangs after six seconds, so this hub does not wait longer. */
const ASK_MS = 6_000

/** After one hub has it, the others get this time to report a newer link. So an unreachable hub delays nobody. */
const GRACE_MS = 250

const Held = z.object({ heldForMs: z.number().min(0).nullable() })

type PeersDeps = { cluster: Pick<Cluster, 'hubId' | 'members'>; line: PeerLine; clock: Clock }

export function createPeers({ cluster, line, clock }: PeersDeps): Peers {
  const others = async () => (await cluster.members()).filter(({ hubId }) => hubId !== cluster.hubId)

  /** Sends the request to all hubs, and stops waiting soon after one has found the object. */
  const search = async (path: string, isHere: boolean, signal: AbortSignal): Promise<Found[]> => {
    const done = new AbortController()
    const waiting = AbortSignal.any([signal, done.signal, AbortSignal.timeout(ASK_MS)])
    const found: Found[] = []
    const first = Promise.withResolvers<void>()
    if (isHere) first.resolve()
    const all = (await others()).map(async (member) => {
      const said = await ask(member, path, waiting)
      found.push(said)
      if (said.holder) first.resolve()
    })
    const soon = first.promise.then(() => clock.sleep(GRACE_MS, waiting)).catch(() => undefined)
    await Promise.race([Promise.all(all), soon])
    done.abort()
    signal.throwIfAborted()
    return found
  }

  const ask = async (member: Member, path: string, signal: AbortSignal): Promise<Found> => {
    const unreached = (message: string) => ({ unreached: [{ member, message }] })
    try {
      const answer = await line.send(member, { method: 'GET', path, isOnce: false }, signal)
      if (!answer.ok) return unreached(answer.message)
      const body = await bodyOf(answer)
      if (answer.status !== 200) return unreached(`it answered ${answer.status} ${body.code} ${body.message}`)
      const { heldForMs } = Held.parse(body)
      return { ...(heldForMs !== null && { holder: { ...member, heldForMs } }), unreached: [] }
    } catch (error) {
      return unreached(signal.aborted ? `no answer within ${ASK_MS / 1_000} s` : String(error))
    }
  }

  return {
    send: line.send,
    upgrade: line.upgrade,
    async withDevice(id, hereForMs, signal) {
      const found = await search(`/peer/devices/${id}`, hereForMs !== undefined, signal)
      return newest(found, hereForMs ?? Number.POSITIVE_INFINITY)
    },
    async withCommand(id, deviceId, signal) {
      return newest(await search(`/peer/devices/${deviceId}/commands/${id}`, false, signal), Number.POSITIVE_INFINITY)
    },
    async withStream(id, deviceId, signal) {
      return newest(await search(`/peer/devices/${deviceId}/streams/${id}`, false, signal), Number.POSITIVE_INFINITY)
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
    isPresent: async (id) => (await cluster.members()).some(({ hubId }) => hubId === id),
  }
}

/** The holder whose link is younger than all others and than `hereForMs`. */
function newest(found: readonly Found[], hereForMs: number): Found {
  const [holder] = found
    .flatMap((each) => each.holder ?? [])
    .filter(({ heldForMs }) => heldForMs < hereForMs)
    .sort((a, b) => a.heldForMs - b.heldForMs)
  return { ...(holder && { holder }), unreached: found.flatMap(({ unreached }) => unreached) }
}

const Refusal = z.object({ code: z.string(), message: z.string() }).catch({ code: '', message: '' })

/** The error in the answer of a hub. */
export const refusalIn = async ({ stream }: { stream: IncomingMessage }) =>
  Refusal.parse(await json(stream).catch(() => ({})))

async function bodyOf({ stream }: Extract<PeerAnswer, { ok: true }>): Promise<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(await json(stream))
}

/** A text for the caller: the hub, its address, and the option to check. */
export function unreachedWords([first]: readonly Unreached[]): string {
  if (!first) return ''
  const { member, message } = first
  return `the hub ${member.hubId} cannot be reached at ${member.url} (${message}); check its --peer-address, and that the port is open between the hubs`
}
