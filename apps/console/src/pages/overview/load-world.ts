/**
 * Load world: loads the countries from a file beside the code. There is no tile server, so the map works without
 * internet.
 */
import worldUrl from 'world-atlas/countries-110m.json?url'
import { shapesOf, type Topology, type World } from './world.ts'

export async function loadWorld(): Promise<World> {
  const response = await fetch(worldUrl)
  return shapesOf((await response.json()) as Topology)
}
