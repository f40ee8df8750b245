/**
 * Learn: how well detectors that are learned without labels find real events and planted faults, how often they raise a
 * false alarm, and how long learning takes. scikit-learn gets the same windows in the same run. `--part motes`,
 * `--part plant`, `--part shuttle` or `--part together` runs one part. Shuttle was not used while the candidates were developed.
 */

import { moteFigures } from './motes.ts'
import { plantFigures } from './plant.ts'
import { shuttleFigures } from './shuttle.ts'
import { togetherFigures } from './together.ts'

const parts: Readonly<Record<string, () => Promise<object>>> = {
  motes: moteFigures,
  plant: plantFigures,
  shuttle: shuttleFigures,
  together: togetherFigures,
}

export async function run({ part }: { part: string }): Promise<object> {
  const chosen = Object.entries(parts).filter(([name]) => part === '' || name === part)
  const figures: Record<string, object> = {}
  for (const [name, measure] of chosen) figures[name] = await measure()
  return figures
}
