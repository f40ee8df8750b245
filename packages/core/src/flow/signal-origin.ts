/**
 * Signal origin: the source, the tag and the unit of each signal of a flow. It follows from the flow and from the units
 * of its tags, so no value carries it through the steps. A fact that the steps do not keep is left out.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowStep, FlowStepKind, Measure } from '@skerry/contract/flows/flow-step'
import { UNIT_LENGTH_MAX } from '@skerry/contract/sinks/sink-value'

/** `tag` belongs to `source`. A signal of several tags of one source has only the source. */
export type SignalOrigin = { source?: string; tag?: string; unit?: string }

type Of<Kind extends FlowStepKind> = Extract<FlowStep, { kind: Kind }>

/** By the name of the signal: inputs and steps. `unitOf`: the unit of a tag, as the file of its source states it. */
export function originsOf(
  { inputs, steps }: Pick<Flow, 'inputs' | 'steps'>,
  unitOf: (source: string, tag: string) => string | undefined,
): ReadonlyMap<string, SignalOrigin> {
  const origins = new Map<string, SignalOrigin>()
  for (const { name, source, tag } of inputs) origins.set(name, originFrom({ source, tag }, unitOf(source, tag)))
  for (const step of steps) {
    const names = typeof step.from === 'string' ? [step.from] : step.from
    const from = sharedBy(names.map((name) => origins.get(name) ?? {}))
    origins.set(step.name, originFrom(from, unitAfter(step, from.unit)))
  }
  return origins
}

function originFrom({ source, tag }: SignalOrigin, unit: string | undefined): SignalOrigin {
  const hasUnit = unit !== undefined && unit !== '' && unit.length <= UNIT_LENGTH_MAX
  return {
    ...(source !== undefined && { source }),
    ...(source !== undefined && tag !== undefined && { tag }),
    ...(hasUnit && { unit }),
  }
}

/** The facts that all of them share. */
function sharedBy([first = {}, ...others]: readonly SignalOrigin[]): SignalOrigin {
  const isSame = (fact: keyof SignalOrigin) => others.every((other) => other[fact] === first[fact])
  const { source, tag, unit } = first
  return {
    ...(source !== undefined && isSame('source') && { source }),
    ...(tag !== undefined && isSame('source') && isSame('tag') && { tag }),
    ...(unit !== undefined && isSame('unit') && { unit }),
  }
}

/** The unit of a step's value, if the unit of its signals is known. */
function unitAfter(step: FlowStep, unit: string | undefined): string | undefined {
  switch (step.kind) {
    case 'filter':
    case 'resample':
    case 'align':
    case 'concat':
    case 'window':
    case 'lag':
      return unit
    case 'convert':
      return convertedUnit(step, unit)
    case 'statistics':
      return onlyOne(step.of.map((measure) => measuredUnit(measure, unit)))
    case 'difference':
      return step.per === 'sample' ? unit : perTime(unit, SHORT[step.per])
    // The amplitude of a sine has its unit. Its square has not.
    case 'fft':
      return step.output === 'magnitude' ? unit : undefined
    // An answer, a decision, a picture and the result of a formula have a unit of their own, which only people know.
    case 'expression':
    case 'model':
    case 'ask':
    case 'normalise':
    case 'one-hot':
    case 'lookup':
    case 'image':
    case 'detections':
    case 'threshold':
    case 'k-of-n':
      return undefined
  }
}

const SHORT = { second: 's', minute: 'min', hour: 'h' } as const

const perTime = (unit: string | undefined, time: string) => (unit === undefined ? undefined : `${unit}/${time}`)

/** A scaled value has another unit, and the file does not say which. */
function convertedUnit({ unit, scale, offset }: Of<'convert'>, before: string | undefined): string | undefined {
  if (unit) return unit.to
  return scale === 1 && offset === 0 ? before : undefined
}

function measuredUnit(measure: Measure, unit: string | undefined): string | undefined {
  if (measure === 'count') return undefined
  return measure === 'slope' ? perTime(unit, 's') : unit
}

const onlyOne = ([first, ...others]: readonly (string | undefined)[]) =>
  others.every((other) => other === first) ? first : undefined
