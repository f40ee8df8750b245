/** Simulation view: a simulated fleet in words: one line while it lives, and a table of what happened. */
import type { SimulationFigures, SimulationNews } from '@skerry/contract/devices/simulation'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'

export type SimulationSummary = {
  run: string
  devices: number
  seconds: number
  connectsPerSec: number | null
  reportsPerSec: number
  errors: number
  figures: SimulationFigures
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
const rounded = (value: number) => Math.round(value * 10) / 10

/** What came of it. Links that the simulated behaviours dropped are no errors. */
export function summaryOf(
  run: string,
  devices: number,
  seconds: number,
  figures: SimulationFigures,
): SimulationSummary {
  const { connectMs, connects, reports, connectFailures, reportFailures } = figures
  return {
    run,
    devices,
    seconds: rounded(seconds),
    connectsPerSec: connectMs ? rounded((Math.min(connects, devices) / connectMs) * 1_000) : null,
    reportsPerSec: rounded(reports / Math.max(1, seconds)),
    errors: sum(connectFailures) + sum(reportFailures),
    figures,
  }
}

/** `sim-k3x: 990 of 1000 connected, 988 agree with the hub; 16 reports/s, p99 120 ms; 0 errors` */
export function stateLine({ census, figures, rssBytes }: Extract<SimulationNews, { kind: 'state' }>): string {
  const { devices, connected, agreed } = census
  const p99 = figures.reportP99Ms === undefined ? '' : `, p99 ${Math.round(figures.reportP99Ms)} ms`
  const errors = sum(figures.connectFailures) + sum(figures.reportFailures)
  return `${connected} of ${devices} connected, ${agreed} agree with the hub; ${figures.reports} reports${p99}; ${errors} errors; ${sizeText(rssBytes)}`
}

/** The whole, at the end. */
export function summaryText(summary: SimulationSummary, style: Style): string {
  const { figures } = summary
  const range = (p50?: number, p99?: number) => (p50 === undefined ? undefined : `${p50} ms, p99 ${p99} ms`)
  const facts = factsOf(style, [
    ['run', summary.run],
    ['devices', summary.devices],
    ['lived', `${summary.seconds} s`],
    ['connects/s at the start', summary.connectsPerSec ?? undefined],
    ['connecting took, p50', range(figures.connectP50Ms, figures.connectP99Ms)],
    ['reports', `${figures.reports}, ${summary.reportsPerSec}/s`],
    ['report answered in, p50', range(figures.reportP50Ms, figures.reportP99Ms)],
    ['documents', figures.documents],
    ['jobs', jobsText(figures.jobs)],
    ['errors', summary.errors],
    ['failed connects', wordsOf(figures.connectFailures)],
    ['failed reports', wordsOf(figures.reportFailures)],
    ['links that ended', wordsOf(figures.drops)],
  ])
  const versions = Object.entries(figures.versions)
  if (versions.length === 0) return facts
  const rows = versions.map(([name, { offered, active, failed, firstOfferMs, lastActiveMs }]) => [
    name,
    offered,
    active,
    failed,
    lastActiveMs === 0 ? undefined : `${rounded((lastActiveMs - firstOfferMs) / 1_000)} s`,
  ])
  return `${facts}\n\n${tableOf(style, ['version', 'offered', 'active', 'failed', 'first offer to last active'], rows, '')}`
}

/** Of all batches together; nothing where none came. */
function jobsText(jobs: SimulationFigures['jobs']): string | undefined {
  const begun = Object.values(jobs).reduce((total, job) => total + job.begun, 0)
  const failed = Object.values(jobs).reduce((total, job) => total + job.failed, 0)
  return begun + failed === 0 ? undefined : `${begun}, ${failed} failed`
}

const wordsOf = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ')
