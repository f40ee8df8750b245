/**
 * Learn: how well detectors that are learned without labels find real events and planted faults, how often they raise a
 * false alarm, and how long learning takes. `--part motes` or `--part plant` runs one part.
 */

import { moteFigures } from './motes.ts'
import { plantFigures } from './plant.ts'

const parts: Readonly<Record<string, () => Promise<object>>> = {
  motes: moteFigures,
  plant: plantFigures,
}

export async function run({ part }: { part: string }): Promise<object> {
  const chosen = Object.entries(parts).filter(([name]) => part === '' || name === part)
  const figures: Record<string, object> = {}
  for (const [name, measure] of chosen) figures[name] = await measure()
  return figures
}
