/** Places: three sites in three countries, and the radio motes whose readings each of them has to judge. */
import type { SiteSpec } from '@skerry/contract/sites/site'
import type * as z from 'zod'

export type Place = {
  site: z.input<typeof SiteSpec>
  device: string
  /** Files of examples/sensor-anomaly/readings, without their ending. */
  motes: readonly string[]
}

export const places: readonly Place[] = [
  {
    site: { name: 'hamburg', kind: 'edge', country: 'DE', coordinates: { latitude: 53.55, longitude: 9.99 } },
    device: 'hamburg-gateway',
    motes: ['single-hop-mote1-indoor', 'single-hop-mote3-outdoor'],
  },
  {
    site: { name: 'lyon', kind: 'edge', country: 'FR', coordinates: { latitude: 45.76, longitude: 4.84 } },
    device: 'lyon-gateway',
    motes: ['multi-hop-mote1-outdoor', 'multi-hop-mote4-indoor'],
  },
  {
    // Motes without a gateway of their own send their readings here.
    site: { name: 'dublin', kind: 'cloud', country: 'IE', coordinates: { latitude: 53.35, longitude: -6.26 } },
    device: 'dublin-server',
    motes: ['single-hop-mote2-indoor', 'single-hop-mote4-outdoor', 'multi-hop-mote2-outdoor', 'multi-hop-mote3-indoor'],
  },
]

/** The first place to get a new version. */
export const CANARY = 'hamburg'
