/**
 * Bus: notifies other parts of the hub that a state may have changed. An event has no content, only a topic and a key.
 * The receiver reads the stored state. So a lost or repeated event costs only time (design, law 2), and PostgreSQL's
 * NOTIFY carries it to other hubs (cluster/join-cluster.ts).
 */
import type { Log } from '@skerry/platform/process/log'

export type Topic =
  /**
   * Key: device id. Its status, labels or site changed, it joined, or it was removed. It may match other selectors now.
   */
  | 'device.changed'
  /** Key: device id. Its reported items changed. */
  | 'items.changed'
  /** Key: device id. A flow of it sent an urgent value, such as an alarm. */
  | 'alarm.changed'
  /** Key: device id. Its history has a new entry. */
  | 'device.noted'
  /** Key: device id. A person requested a retry of its failed items. */
  | 'device.retried'
  /** Key: device id. A new document was issued to it. */
  | 'desired.changed'
  /** Key: rollout id. Its state has changed. */
  | 'rollout.changed'
  /** Key: batch id. A person steered it, or a result of its devices changed. */
  | 'batch.changed'
  /** Key: optimisation id. It was started or cancelled, or one of its recipes has a result. */
  | 'optimisation.changed'
  /** Key: key id. It was revoked: a part of the hub that caches it reads it again. */
  | 'key.changed'
  /** Key: grant id. A grant of remote access was revoked, or somebody stops or watches one of its sessions. */
  | 'access.changed'
  /** Key: organisation id. The permissions of one of its own roles changed. */
  | 'role.changed'
  /** Key: organisation id. An operator disabled it, enabled it, or changed its limits. */
  | 'organisation.changed'
  /** Key: organisation id. Its secrets changed. */
  | 'secrets.changed'
  /** Key: organisation id. Its sources or sinks changed. */
  | 'connections.changed'
  /** Key: organisation id. Settings of its devices changed. */
  | 'settings.changed'
  /** Key: organisation id. Its pairs, or the addresses of their devices, changed. */
  | 'pairs.changed'
  /** Key: organisation id. Its monitors, or the reference profiles of its versions, changed. */
  | 'monitors.changed'
  /** Key: organisation id. Its captures changed, or a subject is to be erased. */
  | 'captures.changed'
  /** Key: organisation id. Its routes changed. */
  | 'routes.changed'
  /** Key: campaign id. A person steered it, a device reported, or its round went on. */
  | 'campaign.changed'
  /** Key: device id. The orders of campaigns for it changed. */
  | 'campaign.ordered'
  /** Key: device id. The orders to learn what is normal changed for it. */
  | 'learning.ordered'
  /** Key: organisation id. A learning of it went on. */
  | 'learning.changed'
  /** Key: organisation id. Its signing keys or its rules of trust changed. */
  | 'trust.changed'
  /** No key. Another authority signs, or an authority no longer counts. */
  | 'authorities.changed'
  /** No key. Events from another hub may have been lost: each subscriber reads its whole state again. */
  | 'everything.changed'
  /** Key: organisation id. A person or program changed something, and the audit trail describes it. */
  | 'audit.appended'

export type Listener = (key: string) => void

export type Bus = {
  publish(topic: Topic, key: string): void
  /** Subscribes to one key, or to all if `key` is undefined. Returns the function to unsubscribe. */
  subscribe(topic: Topic, key: string | undefined, listener: Listener): () => void
}

/** A bus inside this process. If a listener throws, the bus logs it and calls all other listeners. */
export function createBus(log: Pick<Log, 'error'>): Bus {
  const listeners = new Map<string, Set<Listener>>()
  const tell = (channel: string, key: string) => {
    for (const listener of listeners.get(channel) ?? []) {
      try {
        listener(key)
      } catch (error) {
        log.error('bus_listener_failed', { channel, error })
      }
    }
  }
  return {
    publish(topic, key) {
      tell(`${topic}/${key}`, key)
      tell(topic, key)
    },
    subscribe(topic, key, listener) {
      const channel = key === undefined ? topic : `${topic}/${key}`
      const group = listeners.get(channel) ?? new Set()
      listeners.set(channel, group.add(listener))
      return () => {
        group.delete(listener)
        if (group.size === 0 && listeners.get(channel) === group) listeners.delete(channel)
      }
    },
  }
}
