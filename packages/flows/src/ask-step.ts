/**
 * Ask step: sends a language model a prompt for each instant in which its signals have values. Answers are untrusted text.
 * An answer that does not have the form of the schema is bad, and never a value.
 */
import { PROMPT_PLACE } from '@skerry/contract/flows/flow-asking'
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import type { TagCause } from '@skerry/contract/sources/tag'
import { isDetections, newSignal, type Operator, QUALITY, type Signal, takeWorst } from '@skerry/core/flow/signal'
import { createOutbox, type Outbox } from './host/outbox.ts'
import { askModel, type ModelDeps } from './model-step.ts'
import { hasEverSpoken, isTriggered, NEVER_MS } from './operators/operator.ts'
import type { Answer } from './packet.ts'

type Step = Extract<FlowStep, { kind: 'ask' }>

type Asked = { prompt: string; doubt: TagCause | undefined; askedMs: number; settle(answer: Answer): void }

export function createAskStep(step: Step, deps: ModelDeps): { operator: Operator; outbox: Outbox<Asked> } {
  const trigger = step.when === undefined ? -1 : step.from.indexOf(step.when)
  const outbox = createOutbox<Asked>(step.queue, {
    batchMax: 1,
    carry: async (asked) => {
      for (const one of asked) await carryPrompt(step, deps, one)
    },
    onDropped: ({ settle }) => settle({ ok: 'dropped' }),
  })
  const worst = newSignal()
  const operator: Operator = {
    dueMs: NEVER_MS,
    get dropped() {
      return outbox.dropped
    },
    run(from, instant) {
      if (!isTriggered(from, instant, trigger) || !from.every(hasEverSpoken)) return false
      const settle = deps.reserve(instant)
      if (takeWorst(from, worst) === QUALITY.bad) {
        settle({ ok: false, ...(worst.cause ?? { code: 'signal_bad', message: 'a signal of the prompt is bad' }) })
        return true
      }
      outbox.push({ prompt: promptText(step, from), doubt: worst.cause, askedMs: deps.monotonicMs(), settle })
      return true
    },
  }
  return { operator, outbox }
}

/** The prompt with the values of its signals. Texts stand in quotes, so that the model can tell data from instructions. */
export function promptText({ prompt, from: names }: Pick<Step, 'prompt' | 'from'>, from: readonly Signal[]): string {
  return prompt.replaceAll(PROMPT_PLACE, (place, name: string) => {
    const signal = from[names.indexOf(name)]
    return signal ? valueText(signal) : place
  })
}

function valueText({ number, other }: Signal): string {
  if (typeof other === 'string' || isDetections(other)) return JSON.stringify(other)
  if (other instanceof Float64Array) return `[${[...other].map(numberText).join(', ')}]`
  return numberText(number)
}

/** Seven digits are more than sensors have, and each digit costs a token. */
const numberText = (number: number) => String(Number(number.toPrecision(7)))

async function carryPrompt(step: Step, deps: ModelDeps, { prompt, doubt, askedMs, settle }: Asked): Promise<void> {
  const { model, version, system, schema, answerTokens } = step
  const question = { model, version, inputs: [], outputs: [], ask: { prompt, system, schema, answerTokens } }
  const answer = await askModel(step, deps, question)
  settle(answer.ok ? answerValue(step, answer.text ?? '', doubt) : answer)
  deps.latency.record(deps.monotonicMs() - askedMs)
}

const invalid = (message: string): Answer => ({ ok: false, code: 'answer_invalid', message })

/** The value in the text of an answer. */
export function answerValue(
  { schema, field, gives }: Pick<Step, 'schema' | 'field' | 'gives'>,
  text: string,
  doubt: TagCause | undefined,
): Answer {
  const read = schema ? readField(text, field) : { ok: true as const, value: text.trim() }
  if (!read.ok) return invalid(read.message)
  const { value } = read
  if (gives === 'text') return { ok: true, doubt, value: typeof value === 'string' ? value : JSON.stringify(value) }
  const number = numberIn(value)
  if (!Number.isFinite(number)) return invalid(`the answer ${JSON.stringify(value).slice(0, 100)} is no number`)
  return { ok: true, doubt, value: number }
}

/** NaN for null, lists and blank texts, which JavaScript reads as 0. */
function numberIn(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}

type Field = { ok: true; value: unknown } | { ok: false; message: string }

function readField(text: string, field: string | undefined): Field {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {
      ok: false,
      message: 'the answer is no complete JSON; raise answerTokens, or bound the texts of the schema',
    }
  }
  for (const name of field?.split('.') ?? []) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    if (!isThere) return { ok: false, message: `the answer has no field ${field}` }
    value = (value as Record<string, unknown>)[name]
  }
  return { ok: true, value }
}
