/**
 * Check behaviour: the checks of level 2. They judge the rehearsal of a listing: runs in processes of their own, over
 * the sample data of its simulators in simulated time. The same sample gives the same results on each machine.
 */
import type { BehaviourCheck } from '@skerry/contract/market/certificate'
import type { Listing } from '@skerry/contract/market/listing'
import type { InstallDraft } from '../install-steps.ts'
import { NOT_RUN } from '../not-run.ts'
import { permissionKey } from '../permission-diff.ts'
import { judgeContainers, memoryOfApps, processorsOfApps, restartFindings } from './check-containers.ts'
import type { CheckResult } from './check-listing.ts'
import { judgeNeighbours, type TriedNeighbours } from './check-neighbours.ts'
import type { RehearsedApps } from './container-facts.ts'
import { rehearsedItems } from './rehearsal-plan.ts'

/** The outputs of one sink of a flow. */
export type RehearsedSink = { item: string; sink: string; outputs: number; values: number[] }

/** A model that answered its golden cases. `message` is the first wrong answer. */
export type RehearsedModel = { item: string; cases: number; compared: number; message?: string }

/** The facts of one run of the whole listing. */
export type Rehearsal = {
  samples: number
  sinks: RehearsedSink[]
  /** Of all outputs, if the listing has no model: then they are the same on each machine. */
  digest: string
  /** Tags, as source/tag. */
  read: string[]
  written: string[]
  models: RehearsedModel[]
  /** The memory that the listing added to the process of the runtime. */
  memoryBytes: number
  processorSeconds: number
  /** Attempts to reach a network, as the kernel counted them; undefined if the process could not be cut off. */
  attempts?: number
}

/** The reason why a run did not end well is the finding of each check. */
export type Rehearsed = { ok: true; rehearsal: Rehearsal } | { ok: false; message: string }

export type Behaviour = {
  listing: Listing
  /** With the samples of its settings. */
  draft: Extract<InstallDraft, { ok: true }>
  first: Rehearsed
  /** The run after a run that was killed in its middle. */
  second: Rehearsed
  /** The containers, in their own sandbox. */
  apps: RehearsedApps
  /** The runs between the version and those that it follows. */
  neighbours: TriedNeighbours
}

type Judged = Omit<CheckResult, 'check' | 'result'> & { result?: CheckResult['result'] }
type Run = Behaviour & { rehearsal: Rehearsal }

const judges: Readonly<Record<BehaviourCheck, (run: Run) => Judged>> = {
  results: judgeResults,
  tags: judgeTags,
  golden: judgeGolden,
  memory: judgeMemory,
  processor: judgeProcessor,
  restart: judgeRestart,
  offline: judgeOffline,
  containers: ({ apps, draft: { asked } }) => judgeContainers(apps, asked),
  neighbours: ({ neighbours }) => judgeNeighbours(neighbours),
}

/** More findings than a person reads. */
const FINDINGS_MAX = 50

/** All checks of level 2, in the order of the contract. */
export function checkBehaviour(behaviour: Behaviour): CheckResult[] {
  const { first } = behaviour
  return Object.entries(judges).map(([name, judge]) => {
    const check = name as BehaviourCheck
    if (!first.ok) return { check, result: 'FAILED', facts: {}, findings: [first.message.slice(0, 500)] }
    const {
      findings,
      result = findings.length === 0 ? 'PASSED' : 'FAILED',
      ...judged
    } = judge({
      ...behaviour,
      rehearsal: first.rehearsal,
    })
    return { check, result, ...judged, findings: findings.slice(0, FINDINGS_MAX) }
  })
}

const notRun = (reason: string): Judged => ({
  result: 'WARNED',
  facts: { run: NOT_RUN },
  findings: [`not run: ${reason}`],
})

/** The declared results were seen. */
function judgeResults({ listing, rehearsal: { samples, sinks, digest } }: Run): Judged {
  const { sample } = listing
  const flows = rehearsedItems(listing, 'replay')
  if (!sample) {
    const findings = flows.length > 0 ? ['it declares no result of its sample data: give "sample" in listing.yaml'] : []
    return { facts: { flows: flows.length }, findings }
  }
  const findings = sample.results.flatMap(({ item, sink, atLeast, value }) => {
    const found = sinks.find((each) => each.item === item && each.sink === sink)
    const name = `${item}/${sink}`
    if (!found || found.outputs < atLeast) {
      return [`${name} had ${found?.outputs ?? 0} results in ${sample.seconds} s, and ${atLeast} are declared`]
    }
    if (value === undefined || found.values.includes(value)) return []
    return [`${name} never had the declared value ${value}: it had ${spelled(found.values)}`]
  })
  const outputs = sinks.reduce((sum, each) => sum + each.outputs, 0)
  return { facts: { seconds: sample.seconds, samples, outputs, digest }, findings }
}

/** A finding stays readable with some values. */
const SHOWN_VALUES = 5

const spelled = (values: readonly number[]) =>
  values.length === 0
    ? 'no number'
    : `${values.slice(0, SHOWN_VALUES).join(', ')}${values.length > SHOWN_VALUES ? ' …' : ''}`

/** A used tag that the listing does not ask for fails. A tag that it asks for in vain is a warning. */
function judgeTags({ draft: { asked }, rehearsal: { read, written } }: Run): Judged {
  const used = new Set([...read.map((tag) => `read-tag ${tag}`), ...written.map((tag) => `write-tag ${tag}`)])
  const keys = new Set(asked.map(permissionKey))
  const unasked = [...used].filter((key) => !keys.has(key))
  const unused = [...keys].filter((key) => /^(read|write)-tag /.test(key) && !used.has(key))
  const facts = { read: read.length, written: written.length }
  if (unasked.length > 0) {
    return { facts, findings: unasked.map((key) => `the run used "${key}", and the listing does not ask for it`) }
  }
  const findings = unused.map((key) => `it asks for "${key}", and the run did not use it`)
  return { facts, findings, ...(findings.length > 0 && { result: 'WARNED' as const }) }
}

/** A model gives its golden outputs on this hardware. */
function judgeGolden({ listing, rehearsal: { models } }: Run): Judged {
  const served = rehearsedItems(listing, 'golden')
  const findings = served.flatMap(({ item }) => {
    const found = models.find((each) => each.item === item)
    if (!found || found.cases === 0) return [`the model ${item} has no golden cases`]
    if (found.message !== undefined) return [`${item}: ${found.message}`]
    return found.compared > 0 ? [] : [`the golden cases of ${item} have no outputs, so nobody can compare its answers`]
  })
  const cases = models.reduce((sum, each) => sum + each.cases, 0)
  return { facts: { models: served.length, cases }, findings }
}

const MEBIBYTE = 1_048_576

/** The memory that a run added, with that of the containers, is at most the declared one. */
function judgeMemory({ listing: { needs }, rehearsal, apps }: Run): Judged {
  const memoryBytes = rehearsal.memoryBytes + memoryOfApps(apps)
  const mebibytes = Math.ceil(memoryBytes / MEBIBYTE)
  const measured = { mebibytes }
  if (needs.memoryBytes === undefined) {
    return { facts: {}, measured, findings: [`it declares no needs.memoryBytes, and the run took ${mebibytes} MiB`] }
  }
  const declared = Math.floor(needs.memoryBytes / MEBIBYTE)
  const findings =
    memoryBytes > needs.memoryBytes ? [`the run took ${mebibytes} MiB, and ${declared} MiB are declared`] : []
  return { facts: { declaredMebibytes: declared }, measured, findings }
}

/** A listing that declares no processors needs at most one. */
function judgeProcessor({ listing: { needs, sample }, rehearsal: { processorSeconds }, apps }: Run): Judged {
  const declared = needs.cpus ?? 1
  const ofApps = Number(processorsOfApps(apps).toPrecision(2))
  if (ofApps > declared) {
    return {
      facts: { declared },
      measured: { processors: ofApps },
      findings: [`the containers used ${ofApps} processors, and ${declared} are declared`],
    }
  }
  const seconds = Number(processorSeconds.toFixed(3))
  // Only sample data have a rate, by which the time of the processor becomes a share.
  if (!sample) return { facts: { declared }, measured: { seconds, processors: ofApps }, findings: [] }
  const share = Number((processorSeconds / sample.seconds + ofApps).toPrecision(2))
  const findings =
    share > declared ? [`the run used ${share} processors of the sample's time, and ${declared} are declared`] : []
  return { facts: { declared }, measured: { processors: share, seconds }, findings }
}

/** A run after a kill gives the results of the run before. */
function judgeRestart({ second, rehearsal: first, apps }: Run): Judged {
  const dead = restartFindings(apps)
  if (dead.length > 0) return { facts: {}, findings: dead }
  if (!second.ok) return { facts: {}, findings: [`after a kill, ${second.message}`] }
  const { rehearsal } = second
  const same = first.digest === rehearsal.digest && countsOf(first) === countsOf(rehearsal)
  return {
    facts: { kills: 1 },
    findings: same ? [] : [`after a kill, the results are others: ${countsOf(rehearsal)}, before ${countsOf(first)}`],
  }
}

const countsOf = ({ sinks }: Rehearsal) =>
  sinks.map(({ item, sink, outputs }) => `${item}/${sink} ${outputs}`).join(', ')

/** It starts and runs without a network, and never looks for one. */
function judgeOffline({ rehearsal: { attempts } }: Run): Judged {
  if (attempts === undefined) return notRun('this system cannot cut a process off from the network')
  const findings = attempts > 0 ? [`the run tried ${attempts} times to reach a network`] : []
  return { facts: { attempts }, findings }
}
