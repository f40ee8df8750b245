/** Fleet figures: what happened to a simulated fleet, counted as it happens. */
import type { SimulationFigures } from '@skerry/contract/devices/simulation'
import { createHistogram, type Histogram } from './histogram.ts'

type VersionFigures = SimulationFigures['versions'][string]
type JobFigures = SimulationFigures['jobs'][string]

export type FleetFigures = {
  /** From the start until each device had been heard once. */
  connectMs: number | undefined
  connects: number
  connectFailures: Map<string, number>
  /** Links that ended, by their reason. */
  drops: Map<string, number>
  reports: number
  reportFailures: Map<string, number>
  documents: number
  /** Whole: TCP, TLS, the upgrade. */
  connectTimes: Histogram
  /** From a report's sending to its answer. */
  reportTimes: Histogram
  versions: Map<string, VersionFigures>
  /** By batch. */
  jobs: Map<string, JobFigures>
}

export function createFigures(): FleetFigures {
  return {
    connectMs: undefined,
    connects: 0,
    connectFailures: new Map(),
    drops: new Map(),
    reports: 0,
    reportFailures: new Map(),
    documents: 0,
    connectTimes: createHistogram(),
    reportTimes: createHistogram(),
    versions: new Map(),
    jobs: new Map(),
  }
}

/** One more of the kind. */
export const count = (counts: Map<string, number>, kind: string): void =>
  void counts.set(kind, (counts.get(kind) ?? 0) + 1)

/** The figures of one version, made at its first use. */
export function versionFigures(figures: FleetFigures, model: string, version: number): VersionFigures {
  const key = `${model}:${version}`
  const known = figures.versions.get(key)
  if (known) return known
  const made = { offered: 0, firstOfferMs: 0, lastOfferMs: 0, active: 0, lastActiveMs: 0, failed: 0 }
  figures.versions.set(key, made)
  return made
}

/** The figures of one batch, made at its first use. */
export function jobFigures(figures: FleetFigures, batchId: string): JobFigures {
  const known = figures.jobs.get(batchId)
  if (known) return known
  const made = { begun: 0, firstMs: 0, lastMs: 0, succeeded: 0, failed: 0, cancelled: 0 }
  figures.jobs.set(batchId, made)
  return made
}

/** For whoever asked for the simulation. */
export function writeFigures(figures: FleetFigures): SimulationFigures {
  const { connectTimes, reportTimes, connectMs, connectFailures, drops, reportFailures, versions, jobs, ...plain } =
    figures
  return {
    ...plain,
    connectFailures: Object.fromEntries(connectFailures),
    drops: Object.fromEntries(drops),
    reportFailures: Object.fromEntries(reportFailures),
    versions: Object.fromEntries(versions),
    jobs: Object.fromEntries(jobs),
    ...named('connectMs', connectMs),
    ...named('connectP50Ms', connectTimes.quantile(0.5)),
    ...named('connectP99Ms', connectTimes.quantile(0.99)),
    ...named('reportP50Ms', reportTimes.quantile(0.5)),
    ...named('reportP99Ms', reportTimes.quantile(0.99)),
    ...named('reportMaxMs', reportTimes.quantile(1)),
  }
}

const named = (name: string, value: number | undefined) => (value === undefined ? {} : { [name]: value })
