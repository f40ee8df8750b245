import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BatchPlan, joinInputs, planBatch, splitOutputs, type WaitingJob } from './batch.ts'
import { bytesOfStrings, type RawTensor } from './raw-tensor.ts'

const waiting = (rows: number, batchKey: string | undefined = 'a', arrivedUs = 0): WaitingJob => ({
  rows,
  batchKey,
  arrivedUs,
})
const rules = { rowsMax: 8, delayMaxUs: 1_000 }
const idle = (nowUs: number) => ({ nowUs, isWorkerIdle: true })
const busy = (nowUs: number) => ({ nowUs, isWorkerIdle: false })

test.each<[string, WaitingJob[], { nowUs: number; isWorkerIdle: boolean }, BatchPlan]>([
  ['nothing waits', [], idle(0), { kind: 'wait' }],
  ['a request that no other can join', [{ ...waiting(1), batchKey: undefined }], busy(0), { kind: 'run', count: 1 }],
  ['a single request may still get company', [waiting(1)], idle(400), { kind: 'wait', atUs: 1_000 }],
  ['a single request has waited long enough', [waiting(1)], idle(1_000), { kind: 'run', count: 1 }],
  ['requests have waited long enough, but no worker is free', [waiting(1), waiting(1)], busy(5_000), { kind: 'wait' }],
  ['the batch is full', [waiting(5), waiting(3), waiting(1)], busy(0), { kind: 'run', count: 2 }],
  ['the next is too large', [waiting(5), waiting(4)], busy(0), { kind: 'run', count: 1 }],
  [
    'the next is of another shape',
    [waiting(1), waiting(1), waiting(1, 'b'), waiting(1)],
    busy(0),
    { kind: 'run', count: 2 },
  ],
  ['a request is larger than any batch', [waiting(9), waiting(1)], busy(0), { kind: 'run', count: 1 }],
])('plans: %s', (_, queue, now, plan) => {
  expect(planBatch(queue, rules, now)).toEqual(plan)
})

test('does not batch if the limit is one row', () => {
  expect(planBatch([waiting(1), waiting(1)], { rowsMax: 1, delayMaxUs: 0 }, idle(0))).toEqual({ kind: 'run', count: 1 })
})

test('holds for any queue: no overtaking, no overfull batch, no endless wait', () => {
  const anyWaiting = fc.record({
    rows: fc.integer({ min: 1, max: 10 }),
    batchKey: fc.constantFrom('a', 'b', undefined),
    arrivedUs: fc.constant(0),
  })
  fc.assert(
    fc.property(fc.array(anyWaiting, { minLength: 1, maxLength: 12 }), fc.nat(2_000), (queue, nowUs) => {
      const plan = planBatch(queue, rules, idle(nowUs))
      if (plan.kind === 'wait') {
        expect(plan.atUs, 'a lone request waits no longer than it may').toBe(1_000)
        expect(nowUs).toBeLessThan(1_000)
        return
      }
      const batch = queue.slice(0, plan.count)
      expect(new Set(batch.map(({ batchKey }) => batchKey)).size, 'of one kind').toBe(1)
      if (batch.length > 1) expect(batch.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(8)
    }),
  )
})

test('joining and splitting gives every request its own rows back, strings included', () => {
  const anyRequest = fc.array(fc.tuple(fc.float(), fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(anyRequest, { minLength: 1, maxLength: 6 }), (requests) => {
      const inputs = requests.map((rows, at): RawTensor[] => {
        const x: RawTensor = {
          name: 'x',
          datatype: 'FP32',
          shape: [rows.length, 1],
          data: new Uint8Array(Float32Array.from(rows, ([number]) => number).buffer),
        }
        const s: RawTensor = {
          name: 's',
          datatype: 'BYTES',
          shape: [rows.length],
          data: bytesOfStrings(rows.map(([, text]) => text.replaceAll('\0', ''))),
        }
        return at % 2 === 0 ? [x, s] : [s, x]
      })
      const joined = joinInputs(inputs)
      const split = splitOutputs(
        joined,
        requests.map(({ length }) => length),
      )
      const byName = (tensors: RawTensor[]) => Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor]))
      expect(split?.map(byName)).toEqual(inputs.map(byName))
    }),
  )
})

test('reports an output that does not have a row for each input row', () => {
  expect(splitOutputs([{ name: 'y', datatype: 'UINT8', shape: [1], data: new Uint8Array(1) }], [1, 1])).toBeUndefined()
})
