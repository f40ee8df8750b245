import { isMachineTrouble } from '@skerry/core/device/machine-hold'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createResidency, type Residency, type Resident } from './residency.ts'

type Fake = Resident & { usedUs: number; isBusy: boolean; bytes: number; isGone: boolean }

const never = () => new AbortController().signal

/** A model that leaves within the call, as an idle worker nearly does. */
function model(name: string, residency: Residency, { pinned = false } = {}): Fake {
  const fake: Fake = {
    name,
    usedUs: 0,
    isBusy: false,
    bytes: 0,
    isGone: false,
    lastUsedUs: () => fake.usedUs,
    isPinned: () => pinned,
    evict() {
      if (fake.isBusy || fake.bytes === 0) return false
      fake.isGone = true
      const { bytes } = fake
      fake.bytes = 0
      queueMicrotask(() => residency.free(fake, bytes))
      return true
    },
  }
  return fake
}

async function load(residency: Residency, fake: Fake, bytes: number, need: 'load' | 'first' | 'more' = 'first') {
  const answer = await residency.claim({ resident: fake, bytes, need }, never())
  if (answer.ok) fake.bytes += bytes
  return answer
}

describe('a limit', () => {
  test('the least recently used idle model goes, and neither a pinned nor a busy one', async () => {
    const residency = createResidency(30)
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => model(name, residency, { pinned: name === 'a' }))
    if (!a || !b || !c || !d) throw new Error('four models')
    for (const [at, one] of [a, b, c].entries()) {
      one.usedUs = at
      await load(residency, one, 10)
    }
    b.isBusy = true
    expect(await load(residency, d, 10)).toEqual({ ok: true })
    expect([a, b, c].map(({ isGone }) => isGone)).toEqual([false, false, true])
    expect(residency.view()).toMatchObject({ usedBytes: 30, evictions: 1, waiting: 0 })
  })

  test('a first worker waits until a busy model is idle; a further one does not wait', async () => {
    const residency = createResidency(10)
    const [a, b] = [model('a', residency), model('b', residency)]
    await load(residency, a, 10)
    a.isBusy = true
    expect(await load(residency, a, 10, 'more')).toMatchObject({ ok: false })
    const waiting = load(residency, b, 10)
    expect(residency.view().waiting).toBe(1)
    a.isBusy = false
    residency.idle()
    expect(await waiting).toEqual({ ok: true })
    expect(a.isGone).toBe(true)
  })

  test('a wait that pinned models make hopeless is refused with the way out', async () => {
    const residency = createResidency(10)
    await load(residency, model('a', residency, { pinned: true }), 8)
    const answer = await load(residency, model('b', residency), 8)
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('raise --model-memory') })
    expect(!answer.ok && isMachineTrouble(answer.message)).toBe(true)
  })

  test('a wait that becomes hopeless ends, and the models behind it get their turns', async () => {
    const residency = createResidency(10)
    const a = model('a', residency)
    await load(residency, a, 10)
    a.isBusy = true
    const large = load(residency, model('large', residency), 9)
    const small = load(residency, model('small', residency), 5)
    // A version that is loaded gets its room in any case.
    await load(residency, model('pin', residency, { pinned: true }), 5, 'load')
    a.isBusy = false
    residency.idle()
    expect(await large).toMatchObject({ ok: false, message: expect.stringContaining('pinned models take 5') })
    expect(await small).toEqual({ ok: true })
  })

  test('a model that comes back before its last worker has ended may leave again', async () => {
    const residency = createResidency(30)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => model(name, residency))
    if (!a || !b || !c) throw new Error('three models')
    await load(residency, a, 10)
    await load(residency, b, 20)
    // Its worker takes a while to end.
    const ends: (() => void)[] = []
    a.evict = () => {
      a.isGone = true
      ends.push(() => residency.free(a, 10))
      return true
    }
    b.isBusy = true
    const waiting = load(residency, c, 10)
    expect(a.isGone).toBe(true)
    residency.free(b, 20)
    await waiting
    await load(residency, a, 10)
    for (const end of ends) end()
    a.isGone = false
    await load(residency, model('d', residency), 20, 'load')
    expect(a.isGone).toBe(true)
  })

  test('a caller that goes away leaves the line', async () => {
    const residency = createResidency(10)
    const a = model('a', residency)
    await load(residency, a, 10)
    a.isBusy = true
    const gone = new AbortController()
    const waiting = residency.claim({ resident: model('b', residency), bytes: 10, need: 'first' }, gone.signal)
    gone.abort()
    expect(await waiting).toMatchObject({ ok: false })
    expect(residency.view().waiting).toBe(0)
  })
})

/** All models become idle, and the waiting ones get their turns. */
async function settle(models: readonly Fake[], residency: Residency): Promise<void> {
  for (const one of models) one.isBusy = false
  for (let turn = 0; turn < 10; turn++) {
    residency.idle()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('whatever happens, granted first workers never exceed the limit, and none waits while enough is idle', async () => {
  const acts = fc.array(
    fc.record({ who: fc.nat({ max: 5 }), bytes: fc.integer({ min: 1, max: 10 }), isBusy: fc.boolean() }),
    { minLength: 1, maxLength: 40 },
  )
  await fc.assert(
    fc.asyncProperty(acts, async (history) => {
      const residency = createResidency(10)
      const waiting = new Set<Fake>()
      const models = Array.from({ length: 6 }, (_, at) => model(`m${at}`, residency))
      for (const [at, { who, bytes, isBusy }] of history.entries()) {
        const one = models[who]
        if (!one) continue
        one.usedUs = at
        // A slot starts one first worker at a time.
        if (one.bytes === 0 && !waiting.has(one)) {
          waiting.add(one)
          void load(residency, one, bytes).then(() => waiting.delete(one))
        }
        one.isBusy = isBusy
        if (!isBusy) residency.idle()
        await new Promise((resolve) => setImmediate(resolve))
        expect(residency.view().usedBytes).toBeLessThanOrEqual(10)
      }
      await settle(models, residency)
      expect(residency.view().waiting).toBe(0)
    }),
    { numRuns: 50 },
  )
})
