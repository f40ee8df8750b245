/** Any strategy: all parts of a deployment's strategy, each by chance. */
import type { Chance } from './choices.ts'

export function anyStrategy(chance: Chance): object {
  return {
    // The rollout would wait a day for a device that is silent for a day; here it is a minute or two.
    waves: [
      ...(chance.is(0.1) ? [{ ...anyWave(chance), mandatory: true, failuresMax: 0 }] : []),
      ...Array.from({ length: chance.between(0, 2) }, () => anyWave(chance)),
      { ...anyWave(chance), limit: undefined },
    ],
    lateJoiners: chance.one('wave', 'last', 'hold'),
    offline: chance.one('wait', 'wait', 'skip'),
    onFailure: chance.one('pause', 'pause', 'abort', 'rollback-wave', 'rollback-all'),
    ...(chance.is(0.3) && { rate: anyRate(chance) }),
    ...(chance.is(0.4) && { budget: anyBudget(chance) }),
    ...(chance.is(0.4) && { retry: { max: chance.between(1, 2), backoffSeconds: chance.between(1, 20) } }),
    ...(chance.is(0.25) && { window: anyWindows(chance) }),
    ...(chance.is(0.2) && { ignoreLocks: true }),
    ...(chance.is(0.25) && { shadow: anyShadow(chance) }),
    ...(chance.is(0.25) && { switchOver: { approval: chance.is(0.5), keepSeconds: chance.one(0, 20, 120) } }),
  }
}

const anyWave = (chance: Chance) => ({
  limit: chance.one<number | string>(1, 2, '30%'),
  soakSeconds: chance.one(0, 0, 10),
  failuresMax: chance.one<number | string>(0, 1, '20%', '100%'),
  minExecuted: chance.one(1, 1, 2),
  deadlineSeconds: chance.between(20, 120),
  ...(chance.is(0.15) && { approval: true }),
  ...(chance.is(0.15) && { pauseAfter: true }),
  ...(chance.is(0.2) && { limits: [{ kind: chance.one('failed', 'rejected', 'timed-out'), max: 0 }] }),
  ...(chance.is(0.25) && { analysis: [anyAnalysis(chance)] }),
})

const anyRate = (chance: Chance) =>
  chance.one<object>(
    { perMinute: chance.between(4, 8) },
    { basePerMinute: 4, factor: 2, per: { succeeded: 2 }, maxPerMinute: 12 },
  )

const anyBudget = (chance: Chance) => ({
  groupBy: 'device.labels.line',
  ...chance.one<object>({ maxUnavailable: 1 }, { maxUnavailable: '50%' }, { minAvailable: 1 }, { minAvailable: '60%' }),
})

/** Windows that update-laws.ts can judge. */
const anyWindow = (chance: Chance) => ({
  cron: `*/${chance.one(1, 2, 3)} * * * *`,
  timeZone: chance.one('UTC', 'Europe/Berlin'),
  durationSeconds: chance.between(10, 50),
})

const anyWindows = (chance: Chance) =>
  chance.one<() => object>(
    () => ({ download: anyWindow(chance) }),
    () => ({ install: anyWindow(chance) }),
    () => ({ download: anyWindow(chance), install: anyWindow(chance) }),
  )()

const anyShadow = (chance: Chance) => ({
  minCompared: chance.one(1, 20, 60),
  seconds: chance.one(0, 5, 20),
  maxMismatchShare: chance.one(0, 0, 1),
  promote: chance.is(0.8),
})

/** The webhook's own answers are the world's. */
const anyAnalysis = (chance: Chance) => ({
  name: 'gate',
  ...chance.one<object>(
    { measure: 'success-ratio', success: 'result.value >= 0.6' },
    { measure: 'golden-mismatch', failure: 'result.value > 0.3' },
    { measure: 'error-rate', failure: 'result.value > 0.1', minRequests: chance.one(1, 100) },
    { measure: 'latency', success: 'result.p99_ratio < 2.0' },
    { measure: 'shadow-mismatch', failure: 'result.value > 0.1' },
    { measure: { webhook: 'https://gate.example/ask' }, success: 'result.pass' },
  ),
  intervalSeconds: chance.between(1, 5),
  count: chance.between(1, 3),
  initialDelaySeconds: chance.one(0, 0, 10),
  failureLimit: chance.one(0, 0, 1, -1),
  consecutiveErrorLimit: chance.one(0, 4),
  ...(chance.is(0.2) && { inconclusiveLimit: 0 }),
  ...(chance.is(0.15) && { dryRun: true }),
})
