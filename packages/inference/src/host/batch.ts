/**
 * Dynamic batching: several requests run as one, along the first dimension. It is off by default, because on a CPU it
 * pays for tiny models only. Pure: the slot decides by it when to run which requests, and the worker joins and splits
 * by it.
 */
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { elementCount, joinBytes, type RawTensor, splitBytes } from './raw-tensor.ts'

export type WaitingJob = { rows: number; batchKey: string | undefined; arrivedUs: number }

export type BatchRules = { rowsMax: number; delayMaxUs: number }

/** The plan for the head of the queue; without `atUs`, waiting ends when the worker is free or a request arrives. */
export type BatchPlan = { kind: 'run'; count: number } | { kind: 'wait'; atUs?: number }

/** Takes requests in the order they came, so none overtakes. A lone request waits `delayMaxUs` at most. */
export function planBatch(
  queue: readonly WaitingJob[],
  { rowsMax, delayMaxUs }: BatchRules,
  { nowUs, isWorkerIdle }: { nowUs: number; isWorkerIdle: boolean },
): BatchPlan {
  const [head] = queue
  if (head === undefined) return { kind: 'wait' }
  if (rowsMax <= 1 || head.batchKey === undefined) return { kind: 'run', count: 1 }
  const { count, rows } = takeAlike(queue, head, rowsMax)
  // Waiting cannot make the batch larger when it is full, or when its neighbour cannot join.
  if (rows >= rowsMax || count < queue.length) return { kind: 'run', count }
  if (!isWorkerIdle) return { kind: 'wait' }
  const atUs = head.arrivedUs + delayMaxUs
  return nowUs >= atUs ? { kind: 'run', count } : { kind: 'wait', atUs }
}

function takeAlike(queue: readonly WaitingJob[], head: WaitingJob, rowsMax: number) {
  let count = 1
  let { rows } = head
  for (let next = queue[count]; next !== undefined; next = queue[count]) {
    if (next.batchKey !== head.batchKey || rows + next.rows > rowsMax) break
    rows += next.rows
    count++
  }
  return { count, rows }
}

/** Joins the inputs of requests with one batch key, which may list them in different orders. */
export function joinInputs(requests: readonly RawTensor[][]): RawTensor[] {
  const [first = []] = requests
  return first.map(({ name, datatype, shape }) => {
    const parts = requests.map((inputs) => inputs.find((input) => input.name === name)).filter((it) => it !== undefined)
    const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0)
    return { name, datatype, shape: [rows, ...shape.slice(1)], data: concatenate(parts.map(({ data }) => data)) }
  })
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

/** Gives each request its rows; undefined when an output does not have a row for each row of the input. */
export function splitOutputs(outputs: readonly RawTensor[], rows: readonly number[]): RawTensor[][] | undefined {
  const total = rows.reduce((sum, count) => sum + count, 0)
  if (outputs.some(({ shape }) => shape[0] !== total)) return undefined
  const perOutput = outputs.map((output) => splitOutput(output, rows))
  return rows.map((_, request) => perOutput.map((parts) => parts[request]).filter((part) => part !== undefined))
}

function splitOutput(output: RawTensor, rows: readonly number[]): RawTensor[] {
  const tail = output.shape.slice(1)
  const width = elementCount(tail)
  const cut =
    output.datatype === 'BYTES' ? cutStrings(output.data) : cutFixed(output.data, ELEMENT_BYTES[output.datatype])
  let at = 0
  return rows.map((count) => {
    const from = at
    at += count * width
    return { ...output, shape: [count, ...tail], data: cut(from, at) }
  })
}

const cutFixed = (data: Uint8Array<ArrayBuffer>, size: number) => (from: number, to: number) =>
  data.subarray(from * size, to * size)

const cutStrings = (data: Uint8Array<ArrayBuffer>) => {
  const elements = splitBytes(data)
  return (from: number, to: number) => joinBytes(elements.slice(from, to))
}
