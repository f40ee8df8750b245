/** Fleet doors: the hub's bus and store with something between, so that tests can lose events and count queries. */
import type { KyselyPlugin } from 'kysely'
import type { Bus, Topic } from '../../../src/bus.ts'
import type { Store } from '../../../src/store/store.ts'

/** A bus that can be made to lose what is published. */
export function lossyBus(bus: Bus): Bus & { lost: Set<Topic> } {
  const lost = new Set<Topic>()
  return {
    lost,
    subscribe: (topic, key, listener) => bus.subscribe(topic, key, listener),
    publish(topic, key) {
      if (!lost.has(topic)) bus.publish(topic, key)
    },
  }
}

/** A store that counts queries, and the rows that they gave or changed. */
export function counting(store: Store, counts: { queries: number; rows: number }): Store {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      counts.queries += 1
      counts.rows += result.rows.length + Number(result.numAffectedRows ?? 0)
      return result
    },
  }
  return {
    db: store.db.withPlugin(plugin),
    transaction: (work) => store.transaction((tx) => work(tx.withPlugin(plugin))),
    bytes: () => store.bytes(),
    probe: () => store.probe(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
