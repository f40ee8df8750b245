import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause, ItemState } from '@skerry/contract/devices/item'
import type { Serving } from '@skerry/contract/models/serving'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  INTERRUPTIONS_MAX,
  type ItemEvent,
  type ItemLife,
  isHeld,
  isSameLoad,
  newItemLife,
  PROBATION_INTERRUPTIONS_MAX,
  servedBy,
  stepItem,
} from './item-life.ts'
import { FAILURES_MAX, rememberedFailure } from './remembered-failure.ts'

const itemOf = (version: number, retryToken = 0, serving: Partial<Serving> = {}) =>
  buildDesiredItem({ version, retryToken, serving })

const cause: Cause = { code: 'golden_mismatch', message: 'other numbers' }
const targeted = (item: DesiredItem): ItemEvent => ({ kind: 'targeted', item })
const fetchStarted: ItemEvent = { kind: 'fetch-started' }
const fetched: ItemEvent = { kind: 'fetched' }
const verified: ItemEvent = { kind: 'verified' }
const loaded: ItemEvent = { kind: 'loaded' }
const goldenPassed: ItemEvent = { kind: 'golden-passed' }
const probationPassed: ItemEvent = { kind: 'probation-passed' }
const interrupted: ItemEvent = { kind: 'interrupted' }
const retired: ItemEvent = { kind: 'retired' }
const failed: ItemEvent = { kind: 'failed', cause }
const crashed: ItemEvent = { kind: 'runner-crashed', cause: { code: 'model_crashed', message: 'SIGSEGV' } }
const waiting: ItemEvent = { kind: 'waiting', cause: { code: 'storage_full', message: 'full' } }
const toLoading = [fetchStarted, fetched, verified]
const toProbation = [...toLoading, loaded, goldenPassed]
const shadow = { compared: 9, matched: 9, mismatched: 0, errors: 0, dropped: 0 }
const shadowPassed: ItemEvent = { kind: 'shadow-passed', shadow }
const released: ItemEvent = { kind: 'released' }
const toActive = [...toProbation, probationPassed]

const play = (life: ItemLife, ...events: ItemEvent[]) =>
  events.reduce<ItemLife>((now, event) => stepItem(now, event, now.sinceMs + 1), life)

const fresh = () => newItemLife(itemOf(1), 0)

test('an item passes each state to active, and becomes the last good version', () => {
  const walked: ItemState[] = []
  const end = toActive.reduce((life, event) => {
    const next = play(life, event)
    walked.push(next.state)
    return next
  }, fresh())
  expect(walked).toEqual(['fetching', 'verifying', 'loading', 'golden', 'probation', 'active'])
  expect(end.lastGood?.version).toBe(1)
  expect(servedBy(end)?.version).toBe(1)
})

test('the last good version serves until a new one passes its golden inputs, and after a failure', () => {
  const moving = play(fresh(), ...toActive, targeted(itemOf(2)), ...toLoading)
  expect(servedBy(moving)?.version).toBe(1)
  const proving = play(moving, loaded, goldenPassed)
  expect([servedBy(proving)?.version, proving.lastGood?.version]).toEqual([2, 1])
  const back = play(proving, failed)
  expect([back.state, servedBy(back)?.version, back.cause]).toEqual(['failed', 1, cause])
})

test('a failed digest is stored with its retry token, and retried only after a higher token', () => {
  const refused = play(fresh(), ...toLoading, failed)
  expect(play(refused, targeted(itemOf(2)), targeted(itemOf(1))).state).toBe('failed')
  expect(play(refused, targeted(itemOf(1))).state).toBe('failed')
  expect(play(refused, targeted(itemOf(1, 0, { instances: 2 }))).cause).toEqual({ ...cause, remembered: true })
  expect(play(refused, targeted(itemOf(1, 1))).state).toBe('absent')
  expect(play(refused, targeted(itemOf(1, 1)), ...toActive).failures).toEqual([])
})

test('a failure is kept even if the item was forgotten meanwhile', () => {
  const { failures } = play(fresh(), ...toLoading, failed)
  const life = newItemLife(itemOf(1), 0, failures)
  expect(life).toMatchObject({ state: 'failed', cause: { ...cause, remembered: true } })
  expect(life.failures, 'the mark belongs to the report').toEqual(failures)
  expect(failures[0]?.cause).toEqual(cause)
  expect(newItemLife(itemOf(1, 1), 0, failures).state).toBe('absent')
})

test('a return to the last good version is not a new trial', () => {
  const away = play(fresh(), ...toActive, targeted(itemOf(2)), ...toLoading)
  expect(play(away, targeted(itemOf(1))).state).toBe('active')
  expect(play(away, failed, targeted(itemOf(1))).state).toBe('active')
})

test('a proved version that its kind gave up is a failure, and the one before it serves again', () => {
  const disproved = (version: number): ItemEvent => ({ kind: 'disproved', item: itemOf(version), cause })
  const alone = play(fresh(), ...toActive, disproved(1))
  expect(alone).toMatchObject({ state: 'failed', cause })
  expect(servedBy(alone)).toBeUndefined()
  const second = play(fresh(), ...toActive, targeted(itemOf(2)), ...toActive)
  const given = play(second, disproved(2))
  expect(given.state).toBe('failed')
  expect(servedBy(given)?.version).toBe(1)
  expect(play(given, targeted(itemOf(2)))).toMatchObject({ state: 'failed', cause })
  expect(play(given, targeted(itemOf(2, 1))).state).toBe('absent')
  // A trial of a third version goes on.
  const third = play(second, targeted(itemOf(3)), ...toLoading, disproved(2))
  expect(third.state).toBe('loading')
  expect(servedBy(third)?.version).toBe(1)
  expect(play(second, disproved(1))).toEqual(second)
})

test('other serving settings start a new trial of the same version, another revision does not', () => {
  const active = play(fresh(), ...toActive)
  expect(play(active, targeted(itemOf(1, 0, { instances: 2 }))).state).toBe('absent')
  const renamed = play(active, targeted({ ...itemOf(1), revision: 9 }))
  expect([renamed.state, renamed.target.revision, renamed.sinceMs]).toEqual(['active', 9, active.sinceMs])
})

test('the previous good version is kept for a quick rollback', () => {
  const life = play(fresh(), ...toActive, targeted(itemOf(2)), ...toActive)
  expect([life.lastGood?.version, life.previousGood?.version]).toEqual([2, 1])
})

test.each([
  ['loading', toLoading],
  ['golden', [...toLoading, loaded]],
  ['probation', toProbation],
])('a crash of the runner in %s fails the version', (state, events) => {
  const life = play(fresh(), ...events)
  expect(life.state).toBe(state)
  expect(play(life, crashed)).toMatchObject({ state: 'failed', cause: { code: 'model_crashed' } })
})

test.each([
  ['fetching', [fetchStarted]],
  ['active', toActive],
])('a crash of the runner in %s fails no version', (state, events) => {
  expect(play(fresh(), ...events, crashed).state).toBe(state)
})

test('an interrupted activation restarts, and fails after repeated interruptions', () => {
  const once = play(fresh(), ...toLoading, interrupted)
  expect([once.state, once.interruptions.activation]).toEqual(['absent', 1])
  let life = fresh()
  for (let count = 0; count < INTERRUPTIONS_MAX; count++) life = play(life, ...toLoading, interrupted)
  expect(life).toMatchObject({ state: 'failed', cause: { code: 'activation_interrupted' } })
  let proving = fresh()
  for (let count = 1; count < PROBATION_INTERRUPTIONS_MAX; count++) proving = play(proving, ...toProbation, interrupted)
  expect(proving.state).toBe('absent')
  expect(play(proving, ...toProbation, interrupted).state).toBe('failed')
  expect(play(fresh(), ...toActive, interrupted).state).toBe('active')
})

test('damage found during verification restarts the download, a limited number of times', () => {
  const toVerifying = [fetchStarted, fetched]
  let life = fresh()
  for (let count = 1; count < INTERRUPTIONS_MAX; count++) life = play(life, ...toVerifying, interrupted)
  expect(life.state).toBe('absent')
  const damage = { code: 'blob_damaged', message: 'the disk' }
  const end = play(life, ...toVerifying, { kind: 'interrupted', cause: damage })
  expect([end.state, end.cause]).toEqual(['failed', damage])
})

test('the cause of a wait is reported, and cleared when the item continues', () => {
  const life = play(fresh(), fetchStarted, waiting)
  expect(life).toMatchObject({ state: 'fetching', cause: { code: 'storage_full' } })
  expect(play(life, fetched).cause).toBeUndefined()
  expect(play(life, failed, waiting).cause).toEqual(cause)
  expect(play(life, { kind: 'unblocked' }).cause).toBeUndefined()
  expect(play(life, failed, { kind: 'unblocked' }).cause).toEqual(cause)
  expect(play(fresh(), { kind: 'unblocked' })).toEqual(fresh())
  expect(stepItem(life, waiting, 9), 'the same words again change nothing').toBe(life)
})

test('a retired item serves no requests, and resumes when it is wanted again', () => {
  const gone = play(fresh(), ...toActive, retired)
  expect([gone.state, servedBy(gone)]).toEqual(['retiring', undefined])
  expect(play(gone, retired)).toEqual(gone)
  expect(play(gone, targeted(itemOf(1))).state).toBe('active')
  expect(play(gone, targeted(itemOf(2))).state).toBe('absent')
})

const drawn: Record<ItemState, ItemState[]> = {
  absent: ['fetching'],
  fetching: ['verifying', 'failed'],
  verifying: ['loading', 'failed', 'absent'],
  loading: ['golden', 'failed', 'absent'],
  golden: ['shadow', 'ready', 'probation', 'failed', 'absent'],
  shadow: ['ready', 'probation', 'failed', 'absent'],
  ready: ['shadow', 'probation', 'failed', 'absent'],
  probation: ['active', 'failed', 'absent'],
  active: [],
  retiring: [],
  failed: [],
}

const anyItem = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 }), fc.boolean(), fc.boolean())
  .map(([version, retryToken, isShadow, isHeldBack]) =>
    buildDesiredItem({
      version,
      retryToken,
      ...(isShadow ? { shadow: {} } : {}),
      ...(isHeldBack ? { hold: true as const } : {}),
    }),
  )
const anyEvent = fc.oneof(
  { weight: 2, arbitrary: anyItem.map(targeted) },
  { weight: 1, arbitrary: anyItem.map((item): ItemEvent => ({ kind: 'targeted', item, isWarm: true })) },
  { weight: 12, arbitrary: fc.constantFrom(...toActive, shadowPassed, released) },
  { weight: 3, arbitrary: fc.constantFrom(failed, waiting, crashed, interrupted, retired) },
)

/** The laws that one step must keep. */
function checkStep(life: ItemLife, event: ItemEvent, next: ItemLife): void {
  const isNewWill = event.kind === 'targeted' || event.kind === 'retired'
  if (next.state !== life.state && !isNewWill) {
    expect(drawn[life.state], `${event.kind} in ${life.state}`).toContain(next.state)
  }
  const isOtherGood = next.lastGood !== undefined && !isSameLoad(next.lastGood, life.lastGood)
  const isReturn = event.kind === 'targeted' && event.isWarm && isSameLoad(next.lastGood, life.previousGood)
  if (isOtherGood && !isReturn)
    expect([event.kind, next.state, next.lastGood]).toEqual(['probation-passed', 'active', next.target])
  if (life.lastGood) expect(next.lastGood, 'the last good version is never given up').toBeDefined()
}

/** The laws that every state must keep. */
function checkState(life: ItemLife): void {
  const hasFailed = rememberedFailure(life.failures, life.target) !== undefined
  if (hasFailed && !isSameLoad(life.lastGood, life.target)) {
    expect(['failed', 'retiring'], 'what failed is not tried again').toContain(life.state)
  }
  if (isHeld(life)) expect(servedBy(life), 'what is held does not serve').toBe(life.lastGood)
  const served = servedBy(life)
  const isProven = !served || life.state === 'probation' || isSameLoad(served, life.lastGood)
  expect(isProven, 'what serves has proved itself, or is proving itself').toBe(true)
  expect(life.failures.length).toBeLessThanOrEqual(FAILURES_MAX)
  expect(JSON.parse(JSON.stringify(life)), 'plain JSON').toEqual(life)
}

test('the laws of an item hold for any history', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let life = fresh()
      for (const event of events) {
        const next = stepItem(life, event, life.sinceMs + 1)
        checkStep(life, event, next)
        checkState(next)
        life = next
      }
    }),
    { numRuns: 300 },
  )
})

const staged = (version: number, wish: { shadow?: object; hold?: true } = {}) => buildDesiredItem({ version, ...wish })
const toGolden = toProbation

test('a shadow keeps the last good version serving, and then goes to probation', () => {
  const shadowing = play(fresh(), ...toActive, targeted(staged(2, { shadow: {} })), ...toGolden)
  expect([shadowing.state, servedBy(shadowing)?.version]).toEqual(['shadow', 1])
  const passed = play(shadowing, shadowPassed)
  expect([passed.state, servedBy(passed)?.version, passed.shadow]).toEqual(['probation', 2, shadow])
  const active = play(passed, probationPassed)
  expect([active.state, active.shadow]).toEqual(['active', shadow])
  expect(play(active, targeted(itemOf(3))).shadow).toBeUndefined()
})

test('a failed shadow keeps its comparison, and is stored like each failure', () => {
  const shadowing = play(fresh(), ...toActive, targeted(staged(2, { shadow: {} })), ...toGolden)
  const back = play(shadowing, { ...failed, shadow })
  expect([back.state, servedBy(back)?.version, back.shadow, back.failures.length]).toEqual(['failed', 1, shadow, 1])
  expect(play(shadowing, crashed).state).toBe('failed')
})

test('a shadow is skipped if no version serves', () => {
  const first = newItemLife(staged(1, { shadow: {} }), 0)
  expect(play(first, ...toGolden).state).toBe('probation')
  expect(play(newItemLife(staged(1, { shadow: {}, hold: true }), 0), ...toGolden).state).toBe('ready')
})

test('a held version advances as far as possible without serving, and continues on release', () => {
  const ready = play(fresh(), ...toActive, targeted(staged(2, { hold: true })), ...toGolden)
  expect([ready.state, isHeld(ready), servedBy(ready)?.version]).toEqual(['ready', true, 1])
  expect(play(ready, released).state).toBe('ready')
  expect(play(ready, targeted(staged(2)), released).state).toBe('probation')
  expect(play(ready, targeted(staged(2, { shadow: {} })), released).state).toBe('shadow')

  const watched = play(fresh(), ...toActive, targeted(staged(2, { hold: true, shadow: {} })), ...toGolden)
  expect([watched.state, isHeld(watched)]).toEqual(['shadow', false])
  const passed = play(watched, shadowPassed)
  expect([passed.state, isHeld(passed), servedBy(passed)?.version]).toEqual(['shadow', true, 1])
  expect(play(passed, shadowPassed)).toBe(passed)
  expect(play(passed, targeted(staged(2, { hold: true })), { kind: 'shadow-passed' }).state).toBe('ready')
  expect(play(passed, targeted(staged(2, { shadow: {} })), shadowPassed).state).toBe('probation')
})

test('interruptions count against a shadow until it passes, and never against a held version', () => {
  const again = Array.from({ length: PROBATION_INTERRUPTIONS_MAX }, () => [...toGolden, interrupted]).flat()
  const begun = play(fresh(), ...toActive, targeted(staged(2, { shadow: {}, hold: true })))
  expect(play(begun, ...again).state).toBe('failed')
  const passing = again.flatMap((event): ItemEvent[] => (event === interrupted ? [shadowPassed, event] : [event]))
  expect(play(begun, ...passing)).toMatchObject({ state: 'absent', interruptions: { activation: 0, probation: 0 } })
  const held = play(fresh(), ...toActive, targeted(staged(2, { hold: true })))
  expect(play(held, ...again)).toMatchObject({ state: 'absent', interruptions: { activation: 0, probation: 0 } })
})
