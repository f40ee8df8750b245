/** Health cards: the numbers of the hub, in four groups. What is near its limit stands out. */
import type { HubHealth } from '@skerry/contract/hub/hub-health'
import type { ReactNode } from 'react'
import { Card, Facts } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Badge } from '../../components/facts/badge.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { texts } from '../../texts/english.ts'
import { settingsTexts } from './english-settings.ts'

const words = settingsTexts.health

/** Twice the space at which the hub stops taking bytes: time to act. */
const LOW_FACTOR = 2
/** People notice a tenth of a second. */
const LATE_MS = 100

type Props = { health: HubHealth }

/** What lies in the data folder, and how much room there is. */
export function StorageCard({ health: { storage } }: Props) {
  const isLow = storage.freeBytes < storage.floorBytes * LOW_FACTOR
  return (
    <FactsCard
      title={words.storage}
      rows={[
        [words.folder, <Copyable key="folder" value={storage.folder} what={words.folder} />],
        [words.database, sizeText(storage.databaseBytes)],
        [words.journal, sizeText(storage.journalBytes)],
        [words.blobs, sizeText(storage.blobBytes)],
        [words.free, <Amount key="free" text={sizeText(storage.freeBytes)} isBad={isLow} />],
        [words.floor, sizeText(storage.floorBytes)],
      ]}
    />
  )
}

/** What comes in, and what waits. */
export function WorkCard({ health: { link, queues, auditExport } }: Props) {
  const { number, ofTotal } = texts.common
  const isFull = queues.pushes === queues.pushesMax
  return (
    <FactsCard
      title={words.work}
      rows={[
        [words.connections, number(link.connections)],
        [words.interval, words.seconds(link.reportIntervalMs / 1_000)],
        [words.reports, number(link.reportsWaiting)],
        [words.documents, number(queues.documents)],
        [words.pushes, <Amount key="pushes" text={ofTotal(queues.pushes, queues.pushesMax)} isBad={isFull} />],
        [words.auditExport, <AuditExport key="export" {...auditExport} />],
      ]}
    />
  )
}

function AuditExport({ receivers, failing, waiting }: HubHealth['auditExport']) {
  const count = texts.common.number(waiting)
  if (receivers === 0) return words.noReceiver
  return failing === 0 ? count : <Amount text={words.failing(count, failing)} isBad />
}

/** The running program. */
export const ProcessCard = ({ health: { process, version, startedAtMs } }: Props) => (
  <FactsCard
    title={words.process}
    rows={[
      [words.version, `${version}, Node ${process.node}`],
      [words.started, <Instant key="started" ms={startedAtMs} isAbsolute />],
      [words.memory, sizeText(process.rssBytes)],
      [words.heap, words.ofSize(sizeText(process.heapUsedBytes), sizeText(process.heapTotalBytes))],
    ]}
  />
)

/** The hubs on one database: who answered, who leads, who is there. */
export function ReplicasCard({ health: { cluster } }: Props) {
  const { replica, leads, leader, replicas } = cluster
  return (
    <FactsCard
      title={words.replicas}
      rows={[
        [words.replica, <Copyable key="replica" value={replica} what={words.replica} />],
        [words.leader, leads ? words.leads : <Amount key="leader" text={leader ?? words.noLeader} isBad={!leader} />],
        [words.replicas, replicas ? texts.common.number(replicas.length) : words.unknown],
        ...(replicas ?? []).map((each) => [each.replica, `${each.url}, ${each.version}`] as const),
      ]}
    />
  )
}

/** By how much everything is late. */
export function TimingCard({ health: { process } }: Props) {
  const { p50Ms, p99Ms, maxMs, sinceMs } = process.eventLoop
  return (
    <FactsCard
      title={words.eventLoop}
      rows={[
        [words.p50, words.milliseconds(p50Ms)],
        [words.p99, <Amount key="p99" text={words.milliseconds(p99Ms)} isBad={p99Ms > LATE_MS} />],
        [words.worst, words.milliseconds(maxMs)],
        [words.since, <Instant key="since" ms={sinceMs} />],
      ]}
    />
  )
}

type Rows = readonly (readonly [name: string, value: ReactNode])[]

const FactsCard = ({ title, rows }: { title: string; rows: Rows }) => (
  <Card title={title}>
    <Facts rows={rows} />
  </Card>
)

const Amount = ({ text, isBad }: { text: string; isBad: boolean }) =>
  isBad ? <Badge tone="bad">{text}</Badge> : <span className="tabular">{text}</span>
