/** Placements: the policies by which the hub chooses devices, and the devices that they have picked. */
import type { Noun } from '../nouns/noun.ts'
import { placementHandlers } from './place-handlers.ts'
import { startPlacer } from './placer.ts'

type Handlers = { placement: typeof placementHandlers }

const handlers: Handlers = { placement: placementHandlers }

export const placeNoun = {
  handlers,
  purge: [
    ['placement_picks', ['deployment_id', 'device_id']],
    ['placement_moves', ['deployment_id', 'at_ms']],
    ['placement_reserves', ['deployment_id', 'device_id']],
  ],
  engines: [startPlacer],
  raises: { placement: ['deployments', 'devices'] },
} satisfies Noun
