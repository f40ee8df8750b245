/** Pair site: three connected devices of one site whose operators allow pairs. */
import type { PairReport } from '@skerry/contract/held/pairs'
import { expect } from 'vitest'
import type { TestHub } from '../running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice, type TestLink } from '../test-device.ts'

export const PAIR_NAMES = ['a', 'b', 'w'] as const
type Name = (typeof PAIR_NAMES)[number]

export type PairSite = Disposable &
  Record<Name, TestDevice> & {
    links: Record<Name, TestLink>
    /** The address at which the others reach the device. */
    door(name: Name): string
    /** The device reports its part in the pair. */
    report(pair: PairReport['pair'], name: Name, part: Partial<PairReport>): Promise<void>
  }

/** The devices are named after the site: `plant-a`, `plant-b` and `plant-w`. */
export async function openPairSite(hub: TestHub, place: string): Promise<PairSite> {
  const door = (name: Name) => `10.0.0.${PAIR_NAMES.indexOf(name) + 1}:8700`
  const join = async (name: Name) => {
    const device = await joinDevice(hub, { name: `${place}-${name}`, site: place })
    const link = await openLink(hub, device)
    await link.client.report(reportOf())
    await link.client.held({ name: 'pairs', held: { door: door(name), pairs: [] } })
    return { device, link }
  }
  const [a, b, w] = [await join('a'), await join('b'), await join('w')]
  const links = { a: a.link, b: b.link, w: w.link }
  return {
    a: a.device,
    b: b.device,
    w: w.device,
    links,
    door,
    async report(pair, name, part) {
      const report = { pair, epoch: 3, sinceMs: 1, doneTurn: 0, unreached: [], ...part }
      expect(await links[name].client.held({ name: 'pairs', held: { door: door(name), pairs: [report] } })).toEqual({})
    },
    [Symbol.dispose]() {
      for (const link of Object.values(links)) link[Symbol.dispose]()
    },
  }
}
