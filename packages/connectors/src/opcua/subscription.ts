/**
 * OPC UA subscriptions: the server samples each tag at the group's rate and reports changes. This file sends the
 * publish requests. The library would keep an object with listeners for each of a hundred thousand items. [OPC 10000-4,
 * 5.12, 5.13]
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

/** [OPC 10000-4, 5.13.5] The server holds this many requests, so that one is there while another is on its way. */
const PUBLISHES_MORE = 2

/** Servers hold a request until they have a message. The watch here notices a server that is gone. */
const PUBLISH_HINT_MS = 3_600_000

export type Publishing = {
  /**
   * Passes on the subscription's messages, until the signal aborts. `onHeard` is also called for keep-alives. Rejects
   * with a `SourceTrouble`.
   */
  follow(subscription: Subscription, signal: AbortSignal): Promise<never>
}

export type Subscription = {
  id: number
  /** Without a keep-alive for this time, the subscription is given up. */
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

/** At the start it follows no subscription. */
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
  // The library keeps its newest answer for statistics: five objects for each value. They would survive the collections
  // of young objects.
  notificationMessage.notificationData = null
  // A message without content is a keep-alive, and is not acknowledged.
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
