/**
 * Bus: tells other parts of the hub that something may have changed. An event carries no content, only a topic and a key: whoever hears it
 * reads the stored state. So a lost or doubled event costs nothing but time (design, law 2), and PostgreSQL's NOTIFY carries it to
 * other hubs (cluster/join-cluster.ts).
 */
import type { Log } from '@skerry/platform/process/log'

export type Topic =
  /** Key: device id. Its status, labels or site changed, it joined or was removed: it may match other selectors now. */
  | 'device.changed'
  /** Key: device id. What it reports of its items changed. */
  | 'items.changed'
  /** Key: device id. Its history has grown. */
  | 'device.noted'
  /** Key: device id. A person asked that it try again what failed. */
  | 'device.retried'
  /** Key: device id. A new document was issued to it. */
  | 'desired.changed'
  /** Key: rollout id. */
  | 'rollout.changed'
  /** Key: batch id. Somebody steered it, or what became of its devices changed. */
  | 'batch.changed'
  /** Key: key id. It was revoked: whoever remembers it looks it up again. */
  | 'key.changed'
  /** Key: organisation id. What one of its own roles grants changed. */
  | 'role.changed'
  /** Key: organisation id. An operator disabled it, enabled it, or said anew what it may use. */
  | 'organisation.changed'
  /** Key: organisation id. Its secrets changed. */
  | 'secrets.changed'
  /** The same of its sources and sinks. */
  | 'connections.changed'
  /** Key: organisation id. Its signing keys or its rules of trust changed. */
  | 'trust.changed'
  /** No key. Another authority signs, or one counts no more. */
  | 'authorities.changed'
  /** No key. Events may have been lost on the way from another hub: whoever relies on them looks at everything. */
  | 'everything.changed'
  /** Key: organisation id. A person or program changed something, and the audit trail tells what. */
  | 'audit.appended'

export type Listener = (key: string) => void

export type Bus = {
  publish(topic: Topic, key: string): void
  /** Hears one key, or all where `key` is undefined. Gives the way to stop. */
  subscribe(topic: Topic, key: string | undefined, listener: Listener): () => void
}

/** A bus inside this process. A listener that throws is logged and bothers nobody else. */
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
