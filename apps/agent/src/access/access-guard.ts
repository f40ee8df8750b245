/**
 * Access guard: the device's own decision about remote access. The hub has judged the grant; the device judges it again,
 * with the switches of its operator, and writes each session into its journal. The order itself is signed, as all
 * messages of the hub are. While a session is open, a file in the data folder names it.
 */
import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { AccessOrder } from '@skerry/contract/access/access'
import type { AccessSessionId, DeviceId } from '@skerry/contract/values/ids'
import { type DeviceSwitches, judgeGrant, judgeSwitches } from '@skerry/core/access/judge-grant'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { StreamCut } from '@skerry/platform/network/socket-stream'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { DeviceJournal } from '../auditing/device-journal.ts'
import type { PreparedTarget, StreamUse } from '../streams/stream-desk.ts'
import type { LocalConsents } from './local-consents.ts'

export type AccessGuardDeps = {
  switches: DeviceSwitches
  /** The device and the address of its hub; undefined before it has joined. */
  self(): { deviceId: DeviceId; hub: string } | undefined
  journal: Pick<DeviceJournal, 'note' | 'hasRoom'>
  /** The decisions of people at the device. */
  consents: Pick<LocalConsents, 'judge'>
  fileSystem: FileSystem
  data: string
  clock: Clock
  log: Pick<Log, 'warn'>
}

/** Prepares the target of a wish that is allowed. */
export type AccessTargetMaker = (
  wish: AccessOrder['wish'],
  order: AccessOrder,
  signal: AbortSignal,
) => Promise<PreparedTarget>

/** Readable by people on the device: the sessions that are open now. */
const OPEN_FILE = 'remote-access.json'

type OpenEntry = { kind: string; holder: string; reason: string; sinceMs: number; target?: string }

/** Wraps the uses of remote access. */
export function createAccessGuard(deps: AccessGuardDeps): (make: AccessTargetMaker) => StreamUse {
  const open = new Map<AccessSessionId, OpenEntry>()
  const path = join(deps.data, OPEN_FILE)
  let writing: Promise<void> = Promise.resolve()
  const show = () => {
    const text = `${JSON.stringify({ open: [...open.values()] }, null, 2)}\n`
    writing = writing
      .then(() => writeAtomic(deps.fileSystem, path, text))
      .catch((error: unknown) => deps.log.warn('remote_access_file_unwritten', { error }))
  }
  const begin = ({ session, grant, wish }: AccessOrder) => {
    const entry = {
      kind: wish.kind,
      holder: grant.holder,
      reason: grant.reason,
      sinceMs: deps.clock.nowMs(),
      ...(wish.target !== undefined && { target: wish.target }),
    }
    open.set(session, entry)
    const { sinceMs, ...noted } = entry
    deps.journal.note('access-opened', { ...noted, session })
    show()
    return () => {
      if (!open.delete(session)) return
      deps.journal.note('access-closed', {
        session,
        kind: wish.kind,
        seconds: Math.max(0, Math.round((deps.clock.nowMs() - sinceMs) / 1_000)),
      })
      show()
    }
  }
  return (make) => async (params, signal) => {
    const judged = await judge(deps, params)
    if (!judged.ok) return judged
    const { order } = judged
    const consent = await deps.consents.judge(order, signal)
    if (!consent.ok) return refuse(consent.message)
    const prepared = await make(order.wish, order, signal)
    if (!prepared.ok) return prepared
    const { withdrawn } = consent
    return { ok: true, target: guarded(prepared.target, { order, begin, withdrawn, clock: deps.clock }) }
  }
}

type Judged = { ok: true; order: AccessOrder } | Extract<PreparedTarget, { ok: false }>

async function judge({ switches, self }: AccessGuardDeps, params: unknown): Promise<Judged> {
  const order = AccessOrder.safeParse(params)
  const me = self()
  if (!order.success || !me) return refuse('the agent cannot read this request for access; update the agent')
  const { device, grant, wish } = order.data
  if (device !== me.deviceId) return refuse('the grant is for another device')
  const allowed = judgeSwitches(switches, wish, await addressesOf(me.hub))
  if (!allowed.ok) return allowed
  // Lengths of time only: the clock of a device may be wrong.
  const verdict = judgeGrant({ ...grant, expiresAtMs: grant.remainingMs }, wish, 0)
  return verdict.ok ? { ok: true, order: order.data } : refuse(verdict.message)
}

const refuse = (message: string) => ({ ok: false, code: 'access_refused', message }) as const

/** The numeric addresses of the hub with its port. */
async function addressesOf(hub: string): Promise<string[]> {
  const { hostname, port } = new URL(hub)
  const found = await lookup(hostname.replaceAll(/[[\]]/g, ''), { all: true }).catch(() => [])
  return found.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}:${port || '443'}`)
}

type Target = Extract<PreparedTarget, { ok: true }>['target']

type Guarded = {
  order: AccessOrder
  begin(order: AccessOrder): () => void
  /** Fires when a person at the device ends the grant. */
  withdrawn: AbortSignal
  clock: AccessGuardDeps['clock']
}

/** Notes the session, and ends it with its grant, even if the hub does not. */
function guarded(target: Target, { order, begin, withdrawn, clock }: Guarded): Target {
  return {
    async run(stream: Duplex, signal) {
      const end = begin(order)
      const over = new AbortController()
      const withdraw = () => stream.destroy(new StreamCut('grant_revoked'))
      withdrawn.addEventListener('abort', withdraw, { signal: over.signal })
      if (withdrawn.aborted) withdraw()
      void clock.sleep(order.grant.remainingMs, over.signal).then(
        () => stream.destroy(new StreamCut('grant_expired')),
        () => undefined,
      )
      try {
        await target.run(stream, signal)
      } finally {
        over.abort()
        end()
      }
    },
    [Symbol.dispose]: () => target[Symbol.dispose](),
  }
}
