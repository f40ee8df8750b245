/** connectors-reconnect: how soon a good value is there after the equipment was killed and listens again, for `connectors`. */
import { tmpdir } from 'node:os'
import { startSource } from '@skerry/connectors/sources/source-host'
import { systemClock } from '@skerry/platform/process/clock'
import type { NetworkPeer } from '@skerry/testkit/peers/compiled-peer'
import { type Place, smallSourceOf } from './connectors-sources.ts'

const RECONNECTS = 5

/** Longer than the longest pause between two tries, so that a try is under way or waits for any time. */
const AWAY_MS = 3_000

const { signal } = new AbortController()

/** Milliseconds, the worst of five. */
export async function worstReconnectMs(peer: NetworkPeer, place: Place): Promise<number> {
  let quality = 'bad'
  await using _source = startSource(smallSourceOf(place), {
    clock: systemClock,
    random: Math.random,
    onState: () => undefined,
    secrets: {},
    stateFolder: tmpdir(),
    onReading({ others, news }) {
      quality = others.get(news?.[0] ?? 0)?.quality ?? 'good'
    },
  })
  const until = async (wanted: string) => {
    while (quality !== wanted) await systemClock.sleep(5, signal)
  }
  const times: number[] = []
  for (let round = 0; round < RECONNECTS; round += 1) {
    await until('good')
    await peer.kill()
    await until('bad')
    await systemClock.sleep(AWAY_MS, signal)
    await peer.start()
    const startMs = performance.now()
    await until('good')
    times.push(performance.now() - startMs)
  }
  return Math.round(Math.max(...times))
}
