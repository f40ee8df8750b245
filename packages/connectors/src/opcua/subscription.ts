/**
 * OPC UA subscriptions: the server samples each tag at the group's rate and tells what has changed. Publishing is done here and not by the library, which
 * keeps an object with listeners for each of a hundred thousand items. [OPC 10000-4, 5.12, 5.13]
 */
import { SourceTrouble } from '@skerry/connectors/session'
import {
  DataChangeNotification,
  type NotificationMessage,
  PublishRequest,
  type PublishResponse,
  StatusChangeNotification,
} from 'node-opcua-client'
import type { Wire } from './wire.ts'

/** [OPC 10000-4, 5.13.5] So many are with the server, so that one is there while another is on its way. */
const PUBLISHES_MORE = 2

/** Servers hold on to it until there is something to say; whether they still do is watched here. */
const PUBLISH_HINT_MS = 3_600_000

export type Publishing = {
  /** Hears what the subscription says, until aborted; `onHeard` is told of signs of life, too. Rejects with a `SourceTrouble`. */
  follow(subscription: Subscription, signal: AbortSignal): Promise<never>
}

export type Subscription = {
  id: number
  /** Without a sign of life for so long it is given up. */
  silenceMs: number
  onHeard(changes: readonly DataChangeNotification[]): void
}

type Following = Subscription & { fail: (trouble: SourceTrouble) => void; watch: NodeJS.Timeout }

type Publisher = {
  wire: Wire
  followed: Map<number, Following>
  acknowledgements: { subscriptionId: number; sequenceNumber: number }[]
  pending: number
}

/** Follows nothing yet. */
export function createPublishing(wire: Wire): Publishing {
  const it: Publisher = { wire, followed: new Map(), acknowledgements: [], pending: 0 }
  return {
    async follow(subscription, signal) {
      const { promise, reject } = Promise.withResolvers<never>()
      const silent = new SourceTrouble('source_silent', `the server sent nothing for ${subscription.silenceMs} ms`)
      const watch = setTimeout(() => reject(silent), subscription.silenceMs)
      const abort = () => reject(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      it.followed.set(subscription.id, { ...subscription, fail: reject, watch })
      publish(it)
      try {
        signal.throwIfAborted()
        return await Promise.race([promise, wire.lost])
      } finally {
        clearTimeout(watch)
        signal.removeEventListener('abort', abort)
        it.followed.delete(subscription.id)
      }
    },
  }
}

function publish(it: Publisher): void {
  while (it.followed.size > 0 && it.pending < it.followed.size + PUBLISHES_MORE) {
    const subscriptionAcknowledgements = it.acknowledgements
    it.acknowledgements = []
    it.pending += 1
    const requestHeader = { timeoutHint: PUBLISH_HINT_MS }
    it.wire.session.publish(new PublishRequest({ requestHeader, subscriptionAcknowledgements }), (error, response) => {
      it.pending -= 1
      if (response) take(it, response)
      else if (!/BadTooManyPublishRequests/.test(error?.message ?? '')) failAll(it, error)
      if (response) publish(it)
    })
  }
}

function failAll({ followed }: Publisher, cause: Error | null): void {
  const reason = /\bBad\w+/.exec(cause?.message ?? '')?.[0] ?? 'no reason given'
  const trouble = new SourceTrouble('source_lost', `the server sends no more values (${reason})`, { cause })
  for (const { fail } of followed.values()) fail(trouble)
}

function take(it: Publisher, { subscriptionId, notificationMessage }: PublishResponse): void {
  const following = it.followed.get(subscriptionId)
  const said = (notificationMessage.notificationData ?? []).filter((part) => part !== null)
  // The library keeps its newest answer for statistics: five objects for each value, which would outlive the collections of what is short-lived.
  notificationMessage.notificationData = null
  // One without content is a sign of life, and is not acknowledged.
  if (said.length > 0) acknowledge(it, subscriptionId, notificationMessage)
  if (!following) return
  following.watch.refresh()
  if (said.some((part) => part instanceof StatusChangeNotification)) {
    following.fail(new SourceTrouble('source_lost', 'the server has ended the subscription'))
    return
  }
  following.onHeard(said.filter((part) => part instanceof DataChangeNotification))
}

function acknowledge(it: Publisher, subscriptionId: number, { sequenceNumber }: NotificationMessage): void {
  it.acknowledgements.push({ subscriptionId, sequenceNumber })
}
