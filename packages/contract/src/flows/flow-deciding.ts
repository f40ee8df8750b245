/** Flow deciding: what cannot be of thresholds and votes. */
import { type Fault, faultsWhere } from './flow-fault.ts'
import type { FlowStep } from './flow-step.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

export function thresholdFaults({ above, below, clear }: Of<'threshold'>): Fault[] {
  const isOnTheWay =
    clear === undefined || ((above === undefined || clear <= above) && (below === undefined || clear >= below))
  return faultsWhere([
    [(above === undefined) === (below === undefined), 'above', 'needs either above or below; a band is two steps'],
    [!isOnTheWay, 'clear', 'must lie on the quiet side of the threshold'],
  ])
}

export function voteFaults({ k, last, from }: Of<'k-of-n'>): Fault[] {
  const n = last ?? from.length
  return faultsWhere([
    [last !== undefined && from.length > 1, 'last', 'is for one signal; several vote with their newest values'],
    [last === undefined && from.length < 2, 'last', 'one signal votes with its last values: say how many'],
    [k > n, 'k', `is more than the ${n} that vote`],
  ])
}
