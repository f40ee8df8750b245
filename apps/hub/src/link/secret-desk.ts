/**
 * Secret desk: tells connected devices the secrets that they should hold. One look after another, however many a change is for: sealing a
 * document takes a millisecond, and reports go on meanwhile. Between two documents a stream is a few words on the connection.
 */
import { encodeHibernationRPCEvent, HibernationEventIterator } from '@orpc/server/hibernation'
import type { DeviceId } from '@skerry/contract/ids'
import type { SignedMessage } from '@skerry/contract/link-message'
import type { HeldSecrets, SecretsDocument } from '@skerry/contract/secret'
import { findDeviceById } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { keepHeld, newSecrets, saidOf } from '../secrets/device-secrets.ts'
import type { LinkConnection } from './link-connection.ts'

type DeskHub = Pick<Hub, 'store' | 'vault' | 'bus' | 'log' | 'clock' | 'signal'>

/** A key or a database that is away comes back by itself, or a person sees to it. */
const AGAIN_MS = 30_000

/** What a device listens with. */
export type SecretStream = {
  isOpen(): boolean
  send(document: SecretsDocument): void
  /** What the device has, or has been sent. */
  held: string | undefined
}

export type SecretDesk = Disposable & {
  /** The device says what it holds, and listens from now on. */
  open(connection: LinkConnection, said: HeldSecrets): Promise<HibernationEventIterator<SignedMessage<SecretsDocument>>>
  /** The device says what it holds now. */
  hear(connection: LinkConnection, said: HeldSecrets): Promise<void>
}

/** Looks at connections when something about their secrets may have changed. */
export function createSecretDesk(hub: DeskHub, connections: ReadonlyMap<DeviceId, LinkConnection>): SecretDesk {
  const waiting = new Set<LinkConnection>()
  const failed = new Set<LinkConnection>()
  let isLooking = false
  const lookAtAll = async () => {
    if (isLooking) return
    isLooking = true
    // Those that are added meanwhile come last.
    for (const connection of waiting) {
      waiting.delete(connection)
      if (hub.signal.aborted) break
      await look(hub, connection).catch((error: unknown) => {
        if (hub.signal.aborted) return
        hub.log.error('secrets_unsent', { deviceId: connection.deviceId, error })
        failed.add(connection)
      })
    }
    isLooking = false
  }
  const wake = (which: Iterable<LinkConnection>) => {
    for (const connection of which) if (connection.secrets) waiting.add(connection)
    void lookAtAll()
  }
  const again = setInterval(() => {
    const which = [...failed]
    failed.clear()
    wake(which)
  }, AGAIN_MS)
  const stops = [
    hub.bus.subscribe('secrets.changed', undefined, (key) =>
      wake([...connections.values()].filter(({ organisationId }) => organisationId === key)),
    ),
    hub.bus.subscribe('device.changed', undefined, (key) => {
      const connection = connections.get(key as DeviceId)
      if (connection) wake([connection])
    }),
    hub.bus.subscribe('everything.changed', undefined, () => wake(connections.values())),
  ]
  return {
    async open(connection, said) {
      if (connection.observedGeneration === undefined) {
        throw problem('input_invalid', 'report first, so that the link is known to work')
      }
      await keepIfNew(hub, connection, said)
      return new HibernationEventIterator((id) => {
        connection.secrets = { ...sinkOf(connection, id), held: said.revision }
        wake([connection])
      })
    },
    async hear(connection, said) {
      await keepIfNew(hub, connection, said)
      if (!connection.secrets || connection.secrets.held === said.revision) return
      // Its disk may be full: it is sent again what it could not take.
      connection.secrets.held = said.revision
      failed.add(connection)
    },
    [Symbol.dispose]() {
      clearInterval(again)
      for (const stop of stops) stop()
    },
  }
}

const sinkOf = ({ socket, sign }: LinkConnection, id: string): Pick<SecretStream, 'isOpen' | 'send'> => ({
  isOpen: () => socket.readyState === socket.OPEN,
  send: (document) => socket.send(encodeHibernationRPCEvent(id, sign('secrets', document))),
})

/** Nothing new goes to a device that waits for approval, is in conflict, or is revoked; its change of status wakes it. */
async function look(hub: DeskHub, connection: LinkConnection): Promise<void> {
  const stream = connection.secrets
  const device = await findDeviceById(hub.store.db, connection.deviceId)
  if (!stream?.isOpen() || device?.status !== 'active') return
  const document = await newSecrets(hub, device, stream.held)
  if (!document || connection.secrets !== stream || !stream.isOpen()) return
  stream.held = document.revision
  stream.send(document)
}

/** A fleet that comes back says what is known: nothing is written then. */
async function keepIfNew(hub: DeskHub, { deviceId, organisationId }: LinkConnection, said: HeldSecrets): Promise<void> {
  const known = await saidOf(hub.store.db, deviceId)
  if ((known?.revision ?? undefined) === said.revision) return
  const device = { id: deviceId, organisation_id: organisationId }
  await hub.store.transaction((tx) => keepHeld(tx, device, said, hub.clock.nowMs()))
}
