/**
 * Capture board: picks the rows of captured models in a runner, beside the answers that they give, and hands them to
 * control, which stores them. Redacted values never leave this process.
 */
import { type CapturedRow, ROW_BYTES_MAX } from '@skerry/contract/captures/capture'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { CaptureRule } from '@skerry/contract/held/captures'
import { CONFIDENCE, type Condition, isFulfilled, parseCondition } from '@skerry/core/captures/condition'
import { predictionOf } from '@skerry/core/captures/prediction'
import { parseRedaction, type Redaction } from '@skerry/core/captures/redaction'
import type { AnswerCapture, CapturedRequest } from '@skerry/inference/capture/answer-capture'
import { cutRow, featureValue, redactRow, rowOutputOf, tensorsByName } from '@skerry/inference/capture/row-cut'
import { copyBytes, type RawTensor } from '@skerry/inference/host/raw-tensor'
import type { Clock } from '@skerry/platform/process/clock'
import type { RunnerAnswer } from '../runner/runner-message.ts'
import { type AlarmRows, createAlarmRows } from './alarm-rows.ts'

/** From now on, rows of exactly these models are kept. */
export type CaptureRequest = { kind: 'captures'; captures: readonly CaptureRule[] }

/** A row on its way to the disk. `subject`: as the application names it; control stores a digest of it. */
export type PickedRow = Omit<CapturedRow, 'place' | 'subject'> & { model: string; subject?: string }

/** A row that is kept if an alarm follows. */
export type AlarmedRow = Omit<PickedRow, 'reason'>

/** Rows of one request. `dropped`: rows that were to be kept, and could not be. */
export type Picked = { model: string; rows: PickedRow[]; dropped: number }

export type CaptureBoard = AnswerCapture & {
  become(captures: readonly CaptureRule[]): void
  /** A flow sends this value of its signal. If it is an alarm, the rows before it are kept. */
  told(signal: { flow: string; signal: string }, output: FlowOutput): void
}

/** Copying inputs of a busy model would cost more than its answers. Rows above it are not looked at. */
const LOOKED_PER_SECOND_MAX = 2_000

/** Nobody reviews more, and each is a write to a disk that may be a memory card. */
const KEPT_PER_SECOND_MAX = 20

/** Inputs that are copied before the answer is known. */
const REQUEST_BYTES_MAX = 4 * 1024 * 1024

/** [contract, RequestKey] With room for the number of the row. */
const ID_MAX = 120

/** [contract, SubjectId] */
const SUBJECT_MAX = 200

type Rule = {
  rule: CaptureRule
  condition: Condition | undefined
  redact: readonly Redaction[]
  second: number
  looked: number
  kept: number
  /** Rows of the order that are still missing. */
  missing: number
  alarms: AlarmRows
}

type Deps = {
  clock: Pick<Clock, 'nowMs'>
  random(): number
  newId(): string
  /** Hands rows to control. */
  send(picked: Picked): void
}

/** Keeps nothing yet. */
export function createCaptureBoard(deps: Deps): CaptureBoard {
  let rules = new Map<string, Rule>()
  return {
    become(captures) {
      rules = new Map(captures.map((rule) => [rule.model, openRule(rule, rules.get(rule.model))]))
    },
    begin(request) {
      const rule = rules.get(request.name)
      return rule && beginRequest(deps, rule, request)
    },
    told(signal, output) {
      for (const [model, rule] of rules) keepAlarmed(deps, rule, { model, rows: rule.alarms.told(signal, output) })
    },
  }
}

/** The newest rows are the likeliest cause. */
function keepAlarmed(deps: Deps, it: Rule, { model, rows }: { model: string; rows: readonly AlarmedRow[] }): void {
  if (rows.length === 0) return
  turnSecond(it, deps.clock.nowMs())
  const room = Math.max(0, KEPT_PER_SECOND_MAX - it.kept)
  const dropped = Math.max(0, rows.length - room)
  it.kept += rows.length - dropped
  deps.send({ model, rows: rows.slice(dropped).map((row) => ({ ...row, reason: 'alarm' })), dropped })
}

/** Carries out the request. */
export function obeyCaptures({ captures }: CaptureRequest, board: CaptureBoard): RunnerAnswer {
  board.become(captures)
  return { ok: true }
}

/** Rows on their way to the disk are not counted there yet, so that a known order goes on as it is. */
const openRule = (rule: CaptureRule, before: Rule | undefined): Rule => ({
  missing: before && before.rule.order?.id === rule.order?.id ? before.missing : (rule.order?.rows ?? 0),
  rule,
  condition: rule.when === undefined ? undefined : parseCondition(rule.when),
  redact: rule.redact.map(parseRedaction),
  alarms: createAlarmRows(rule.alarms ?? [], before?.alarms),
  second: 0,
  looked: 0,
  kept: 0,
})

function beginRequest(deps: Deps, it: Rule, request: CapturedRequest): ReturnType<AnswerCapture['begin']> {
  const { tensors, rows } = request
  turnSecond(it, deps.clock.nowMs())
  if (it.looked >= LOOKED_PER_SECOND_MAX) return undefined
  it.looked += rows
  const sampled = sampledRows(it.rule.sample, rows, deps.random)
  const isWanted = sampled.size > 0 || isOrdered(it, request) || it.alarms.awaits(request.flow)
  if (!it.condition && !isWanted) return undefined
  const bytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0)
  if (bytes > REQUEST_BYTES_MAX || bytes / rows > ROW_BYTES_MAX) {
    if (sampled.size > 0) deps.send({ model: request.name, rows: [], dropped: sampled.size })
    return undefined
  }
  // The worker gets the bytes themselves: afterwards they are gone from here.
  const inputs = tensors.map((tensor) => ({ ...tensor, data: copyBytes(tensor.data) }))
  return (outputs) => takeAnswer(deps, it, { ...request, tensors: inputs, sampled, outputs })
}

const isOrdered = ({ rule, missing }: Rule, { version }: Pick<CapturedRequest, 'version'>) =>
  missing > 0 && String(rule.order?.version) === version

function turnSecond(it: Rule, nowMs: number): void {
  const second = Math.floor(nowMs / 1_000)
  if (second !== it.second) Object.assign(it, { second, looked: 0, kept: 0 })
}

/** Without a share there is no chance to draw. */
function sampledRows(share: number, rows: number, random: () => number): Set<number> {
  if (share === 0) return new Set()
  return new Set(Array.from({ length: rows }, (_, row) => row).filter(() => random() < share))
}

type Answered = CapturedRequest & { sampled: ReadonlySet<number>; outputs: readonly RawTensor[] }

function takeAnswer(deps: Deps, it: Rule, answered: Answered): void {
  const { name, rows } = answered
  const id = answered.id?.slice(0, ID_MAX) || deps.newId()
  const taken = Array.from({ length: rows }, (_, row) => {
    const request = rows === 1 ? id : `${id}#${row}`
    return takeRow(it, answered, { row, request, atMs: deps.clock.nowMs() })
  })
  const picked = taken.filter((one) => typeof one === 'object')
  const dropped = taken.filter((one) => one === 'dropped').length
  if (picked.length > 0 || dropped > 0) deps.send({ model: name, rows: picked, dropped })
}

type Place = { row: number; request: string; atMs: number }

/** The row, if it is to be kept now. */
function takeRow(it: Rule, answered: Answered, { row, ...about }: Place): PickedRow | 'dropped' | undefined {
  const outputs = answered.outputs.map((tensor) => cutRow(tensor, row, answered.rows))
  const prediction = predictionOf(outputs.map(rowOutputOf), it.rule)
  const reason =
    reasonOf(it, { outputs, confidence: prediction.confidence, isSampled: answered.sampled.has(row) }) ??
    orderReason(it, answered)
  const isSmall = outputs.reduce((sum, { data }) => sum + data.byteLength, 0) <= ROW_BYTES_MAX
  const isKept = reason !== undefined && isSmall && it.kept < KEPT_PER_SECOND_MAX
  const isAwaited = isSmall && it.alarms.awaits(answered.flow)
  if (!isKept && !isAwaited) return reason && 'dropped'
  const cut = { ...pickRow(it, answered, { row, outputs }), ...prediction, ...about }
  if (isAwaited) it.alarms.add(answered.flow, cut)
  if (!isKept) return reason && 'dropped'
  it.kept++
  if (reason === 'monitor') it.missing--
  return { ...cut, reason }
}

/** A full second loses no ordered row: the next ones do as well. */
const orderReason = (it: Rule, request: Answered): 'monitor' | undefined =>
  isOrdered(it, request) && it.kept < KEPT_PER_SECOND_MAX ? 'monitor' : undefined

type Judged = { outputs: readonly RawTensor[]; confidence: number | undefined; isSampled: boolean }

function reasonOf({ condition }: Rule, { outputs, confidence, isSampled }: Judged): CapturedRow['reason'] | undefined {
  const value = condition && (condition.subject === CONFIDENCE ? confidence : featureValue(outputs, condition.subject))
  if (condition && value !== undefined && isFulfilled(condition, value)) return 'condition'
  return isSampled ? 'sample' : undefined
}

function pickRow(
  it: Rule,
  { name, version, tensors, rows, subject }: Answered,
  { row, outputs }: { row: number; outputs: readonly RawTensor[] },
) {
  const ins = tensors.map((tensor) => redactRow(cutRow(tensor, row, rows), it.redact))
  const outs = outputs.map((tensor) => redactRow(tensor, it.redact))
  return {
    model: name,
    version: Number(version),
    inputs: tensorsByName(ins.map(({ tensor }) => tensor)),
    outputs: tensorsByName(outs.map(({ tensor }) => tensor)),
    redacted: [...ins, ...outs].flatMap(({ redacted }) => redacted),
    ...(subject !== undefined && { subject: subject.trim().slice(0, SUBJECT_MAX) }),
  }
}
