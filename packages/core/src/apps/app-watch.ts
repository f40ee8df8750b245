/**
 * App watch: judges the containers of one release. On trial, a container that ends, starts again or becomes unhealthy
 * is evidence against the release. After that its engine starts it again by its restart policy, and only a container
 * that somebody stopped, removed or changed has to be corrected.
 */
import type { App, Service } from '@skerry/contract/apps/app'
import type { Cause } from '@skerry/contract/devices/item'
import { limitsOf } from './container-body.ts'

/** A container as its engine describes it. */
export type ContainerFacts = {
  id: string
  state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
  exitCode: number
  isOutOfMemory: boolean
  /** The last error of the engine about it; empty if there is none. */
  error: string
  /** Absent if it has no health check. */
  health?: 'starting' | 'healthy' | 'unhealthy'
  /** The output of the newest health check; absent if there was none. */
  healthOutput?: string
  /** How often the engine started it again by its restart policy. */
  restarts: number
  /** The start of its main process, in the words of the engine. Absent before the first one. */
  startedAt?: string
  limits: { Memory: number; NanoCpus: number; PidsLimit: number }
}

/** The containers of a release by service. A service without a container is absent. */
export type ReleaseFacts = Readonly<Record<string, ContainerFacts>>

/** The engine's restart counts at the start of a trial, by service. */
export type TrialBase = Readonly<Record<string, number>>

/** Output of a health check: enough for its reason, short enough for a report. */
const OUTPUT_CHARACTERS_MAX = 200

/** Whether the container has the limits of its release. */
export function hasLimits(spec: Service, { limits }: ContainerFacts): boolean {
  const { Memory, NanoCpus, PidsLimit } = limitsOf(spec)
  return limits.Memory === Memory && limits.NanoCpus === NanoCpus && limits.PidsLimit === PidsLimit
}

/** Services to start: they do not run, and their dependencies are ready. A service that ended as it should stays ended. */
export function startableServices({ services }: App, facts: ReleaseFacts): string[] {
  const isReady = ([other, condition]: [string, 'started' | 'healthy']) => {
    const found = facts[other]
    if (!found) return false
    return condition === 'healthy' ? found.health === 'healthy' : isStarted(services[other], found)
  }
  return Object.entries(services)
    .filter(([name, spec]) => facts[name] && !isStarted(spec, facts[name]))
    .filter(([, { dependsOn = {} }]) => Object.entries(dependsOn).every(isReady))
    .map(([name]) => name)
}

/** Whether each container runs, or will by its restart policy, with the limits of the release. */
export const isAlive = ({ services }: App, facts: ReleaseFacts): boolean =>
  Object.entries(services).every(([name, spec]) => {
    const found = facts[name]
    return found !== undefined && isStarted(spec, found) && hasLimits(spec, found)
  })

/** Whether each container runs, and is healthy if it has a health check. */
export const isUp = (app: App, facts: ReleaseFacts): boolean =>
  isAlive(app, facts) &&
  Object.entries(app.services).every(([name, { healthcheck }]) => {
    const found = facts[name]
    if (!found || !healthcheck || hasEnded(found)) return found !== undefined
    return found.state === 'running' && found.health === 'healthy'
  })

/** The first evidence against a release on trial; undefined if there is none. */
export function trialProblem({ services }: App, facts: ReleaseFacts, base: TrialBase): Cause | undefined {
  for (const [name, spec] of Object.entries(services)) {
    const found = facts[name]
    const cause = found && serviceProblem(name, spec, found, base[name] ?? 0)
    if (cause) return cause
  }
  return undefined
}

/** The reason why the release is not up yet, for a person. */
export function waitReason(app: App, facts: ReleaseFacts): string {
  const startable = startableServices(app, facts)
  const waiting = Object.entries(app.services).filter(([name, spec]) => {
    const found = facts[name]
    return !found || !isStarted(spec, found) || (spec.healthcheck && found.health !== 'healthy')
  })
  const words = waiting.map(([name]) => {
    const found = facts[name]
    if (!found || startable.includes(name)) return `${name} is not started yet`
    return found.health === 'starting' ? `the health check of ${name} has not passed yet` : `${name} waits for others`
  })
  return words.length === 0 ? 'the containers are starting' : words.join('; ')
}

/** The worst health of all services; `none` if no service has a health check. */
export function worstHealth(facts: ReleaseFacts): 'none' | 'starting' | 'healthy' | 'unhealthy' {
  const found = Object.values(facts).map(({ health }) => health)
  return (['unhealthy', 'starting', 'healthy'] as const).find((health) => found.includes(health)) ?? 'none'
}

function serviceProblem(name: string, spec: Service, found: ContainerFacts, restarts: number): Cause | undefined {
  const hasFailed = found.restarts > restarts || (hasEnded(found) && !isComplete(spec, found))
  if (found.isOutOfMemory && (hasFailed || hasEnded(found))) {
    const limit = Math.round(spec.resources.memoryBytes / 1024 ** 2)
    const message = `${name} needed more than its memory limit of ${limit} MiB; raise the limit or mend the release`
    return { code: 'app_out_of_memory', message }
  }
  if (hasFailed) {
    const message = `${name} ended with exit code ${found.exitCode}; read its log with "skerry app logs DEVICE APP"`
    return { code: 'app_exited', message }
  }
  if (found.health !== 'unhealthy') return undefined
  const output = (found.healthOutput ?? '').trim().slice(0, OUTPUT_CHARACTERS_MAX)
  const times = spec.healthcheck?.retries ?? 1
  const why = output === '' ? '' : `; its newest output: ${output}`
  return { code: 'app_unhealthy', message: `the health check of ${name} failed ${times} times in a row${why}` }
}

/** A restart between two attempts counts: its engine is about to start it. */
function isStarted(spec: Service | undefined, found: ContainerFacts): boolean {
  if (found.state === 'running' || found.state === 'restarting') return true
  return spec !== undefined && hasEnded(found) && isComplete(spec, found)
}

const hasEnded = ({ state }: ContainerFacts) => state === 'exited' || state === 'dead'

/** It ended by itself, and its restart policy leaves it there. */
const isComplete = ({ restart }: Service, { exitCode }: ContainerFacts) =>
  exitCode === 0 && (restart === 'no' || restart === 'on-failure')
