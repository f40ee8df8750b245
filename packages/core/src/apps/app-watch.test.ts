import { App } from '@skerry/contract/apps/app'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import {
  type ContainerFacts,
  isAlive,
  isUp,
  startableServices,
  trialProblem,
  waitReason,
  worstHealth,
} from './app-watch.ts'

const MIB = 1024 ** 2
const service = (more: object = {}) => ({
  image: fakeDigest(1),
  imageName: 'test/web:1',
  imageId: fakeDigest(2),
  platform: { os: 'linux', architecture: 'amd64' },
  resources: { memoryBytes: 64 * MIB, cpus: 0.5, pids: 20 },
  restart: 'unless-stopped',
  stopGraceMs: 1_000,
  ...more,
})
const check = { test: ['CMD', 'true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 3, startPeriodMs: 0 }
const app = (services: object) => App.parse({ v: 1, services })

const limits = { Memory: 64 * MIB, NanoCpus: 5e8, PidsLimit: 20 }
const found = (more: Partial<ContainerFacts> = {}): ContainerFacts => ({
  id: 'c',
  state: 'running',
  exitCode: 0,
  isOutOfMemory: false,
  error: '',
  restarts: 0,
  limits,
  ...more,
})

const web = app({ web: service({ healthcheck: check }) })
const job = app({ job: service({ restart: 'no' }) })
const chain = app({
  web: service({ dependsOn: { db: 'healthy', cache: 'started' } }),
  db: service({ healthcheck: check }),
  cache: service(),
})

test('services start in the order of their dependencies', () => {
  const created = found({ state: 'created' })
  expect(startableServices(chain, { web: created, db: created, cache: created })).toEqual(['db', 'cache'])
  const waiting = { web: created, db: found({ health: 'starting' }), cache: found() }
  expect(startableServices(chain, waiting)).toEqual([])
  expect(waitReason(chain, waiting)).toBe('web waits for others; the health check of db has not passed yet')
  expect(startableServices(chain, { ...waiting, db: found({ health: 'healthy' }) })).toEqual(['web'])
  expect(startableServices(chain, {}), 'a missing container is made first').toEqual([])
})

test.each<[string, ContainerFacts, boolean, boolean]>([
  ['healthy', found({ health: 'healthy' }), true, true],
  ['starting', found({ health: 'starting' }), true, false],
  ['unhealthy', found({ health: 'unhealthy' }), true, false],
  ['started again by its engine', found({ state: 'restarting', health: 'starting' }), true, false],
  ['stopped', found({ state: 'exited' }), false, false],
  ['paused', found({ state: 'paused', health: 'healthy' }), false, false],
  ['changed', found({ health: 'healthy', limits: { ...limits, Memory: 128 * MIB } }), false, false],
])('a container that is %s', (_, container, alive, up) => {
  expect([isAlive(web, { web: container }), isUp(web, { web: container })]).toEqual([alive, up])
})

test('a service that ended as it should is complete', () => {
  expect(isUp(job, { job: found({ state: 'exited' }) })).toBe(true)
  expect(trialProblem(job, { job: found({ state: 'exited' }) }, {})).toBeUndefined()
  expect(trialProblem(job, { job: found({ state: 'exited', exitCode: 2 }) }, {})?.code).toBe('app_exited')
})

test.each<[string, Partial<ContainerFacts>, string | undefined]>([
  ['runs', {}, undefined],
  ['was started again before the trial', { restarts: 2 }, undefined],
  ['was started again on its trial', { restarts: 3, exitCode: 7 }, 'app_exited'],
  ['was killed for its memory', { restarts: 3, isOutOfMemory: true }, 'app_out_of_memory'],
  ['had a child that was killed for its memory', { restarts: 2, isOutOfMemory: true }, undefined],
  ['ended', { state: 'exited', restarts: 2 }, 'app_exited'],
  ['is unhealthy', { restarts: 2, health: 'unhealthy', healthOutput: 'refused\n' }, 'app_unhealthy'],
])('a container on trial that %s', (_, more, code) => {
  expect(trialProblem(web, { web: found(more) }, { web: 2 })?.code).toBe(code)
})

test('the cause names the service, and what a person needs', () => {
  const of = (more: Partial<ContainerFacts>) => trialProblem(web, { web: found(more) }, {})?.message
  expect(of({ restarts: 1, exitCode: 7 })).toContain('web ended with exit code 7')
  expect(of({ restarts: 1, isOutOfMemory: true })).toContain('limit of 64 MiB')
  expect(of({ health: 'unhealthy', healthOutput: 'refused\n' })).toContain(
    '3 times in a row; its newest output: refused',
  )
})

test('the health of a release is the worst of its services', () => {
  expect(worstHealth({ a: found(), b: found() })).toBe('none')
  expect(worstHealth({ a: found({ health: 'healthy' }), b: found({ health: 'starting' }) })).toBe('starting')
  expect(worstHealth({ a: found({ health: 'unhealthy' }), b: found({ health: 'healthy' }) })).toBe('unhealthy')
})
