/**
 * Alarm signals: the signals of a flow that are alarms of the process. A hub sink of the priority `urgent` that sends a
 * threshold or a vote is an alarm. The priority makes the difference between an alarm and a state such as "running".
 */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowStep } from '@skerry/contract/flows/flow-step'

export type AlarmSignal = {
  /** The signal as the device sends it, such as `pump-alarm/alarm`. */
  signal: string
  /** The condition in words, such as `temperature is above 63`. */
  condition: string
  /** The signals with the texts of the flow, such as its suspected tag. `name`: the step. */
  texts: readonly { signal: string; name: string }[]
  /** The tags that the flow reads. */
  inputs: readonly { source: string; tag: string }[]
}

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

export function alarmSignalsOf({ name, inputs, steps, sinks }: Flow): AlarmSignal[] {
  const stepOf = new Map(steps.map((step) => [step.name, step]))
  const sent = sinks.flatMap((sink) => {
    const step = sink.kind === 'hub' ? stepOf.get(sink.from) : undefined
    return step
      ? [{ signal: `${name}/${sink.name}`, step, isUrgent: sink.kind === 'hub' && sink.priority === 'urgent' }]
      : []
  })
  const texts = sent.flatMap(({ signal, step }) =>
    step.kind === 'expression' && step.gives === 'text' ? [{ signal, name: step.name }] : [],
  )
  const tags = inputs.map(({ source, tag }) => ({ source, tag }))
  return sent.flatMap(({ signal, step, isUrgent }) => {
    if (!isUrgent || (step.kind !== 'threshold' && step.kind !== 'k-of-n')) return []
    return [{ signal, condition: conditionOf(step, stepOf), texts, inputs: tags }]
  })
}

function conditionOf(step: Of<'threshold'> | Of<'k-of-n'>, stepOf: ReadonlyMap<string, FlowStep>): string {
  if (step.kind === 'threshold') {
    const { from, above, below } = step
    return above === undefined ? `${from} is below ${below}` : `${from} is above ${above}`
  }
  const [first = ''] = step.from
  if (step.last === undefined) return `${step.k} of ${step.from.join(', ')} are set`
  const voter = stepOf.get(first)
  const condition = voter?.kind === 'threshold' ? conditionOf(voter, stepOf) : `${first} is set`
  return `${condition} in ${step.k} of the last ${step.last} values`
}
