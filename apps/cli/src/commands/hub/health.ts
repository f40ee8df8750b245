/** `skerry health` */
import type { HubHealth } from '@skerry/contract/hub/hub-health'
import { command } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { countText, durationText, sizeText } from '../../program/terminal/words.ts'

export const showHealth = command({
  name: 'health',
  summary: 'Show the state of the hub itself: storage, queues, connections, memory',
  examples: ['skerry health', 'skerry health --json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client, connection } = await session.hub()
    const health = await client.hub.health({}, { signal: session.signal })
    session.print({
      json: health,
      text: () => factsOf(session.style, [['hub', connection.hub], ...factsOfHealth(health, session.style)]),
    })
  },
})

function factsOfHealth(
  { process, storage, link, queues, cluster, auditExport, ...health }: HubHealth,
  style: Style,
): [string, string][] {
  const { p50Ms, p99Ms, maxMs } = process.eventLoop
  return [
    ['version', `${health.version}, Node ${process.node}`],
    ['up for', durationText(health.timeMs - health.startedAtMs)],
    ['ready', health.ready ? style.green('yes') : style.yellow(`no: ${health.problems.join('; ')}`)],
    ['replica', replicaText(cluster)],
    ['replicas', replicasText(cluster)],
    ['folder', storage.folder],
    ['database', `${sizeText(storage.databaseBytes)}, and ${sizeText(storage.journalBytes)} in its journal`],
    ['blobs', sizeText(storage.blobBytes)],
    ['free', `${sizeText(storage.freeBytes)}; accepts no bytes below ${sizeText(storage.floorBytes)}`],
    ['devices', `${link.connections} connected, each reports every ${durationText(link.reportIntervalMs)}`],
    [
      'waiting',
      `${link.reportsWaiting} reports, ${queues.documents} documents, ${queues.pushes} of ${queues.pushesMax} pushes`,
    ],
    ['audit export', exportText(auditExport, health.timeMs, style)],
    ['memory', `${sizeText(process.rssBytes)}, of it heap ${sizeText(process.heapUsedBytes)}`],
    ['event loop', `late by ${msText(p50Ms)} (p50), ${msText(p99Ms)} (p99), ${msText(maxMs)} at most`],
  ]
}

function exportText(
  { receivers, failing, waiting, waitingSinceMs }: HubHealth['auditExport'],
  nowMs: number,
  style: Style,
) {
  if (receivers === 0) return 'to no syslog receiver'
  const since =
    waitingSinceMs === undefined ? '' : `, the first for ${durationText(Math.max(0, nowMs - waitingSinceMs))}`
  const problem = failing === 0 ? '' : `; ${failing} cannot be reached`
  const text = `${countText(receivers, 'receiver')}, ${countText(waiting, 'record')} waiting${since}${problem}`
  return failing === 0 ? text : style.yellow(text)
}

type Cluster = HubHealth['cluster']

function replicaText({ replica, leads, leader }: Cluster): string {
  if (leads) return `${replica}, leads`
  return `${replica}, ${leader === undefined ? 'no hub leads now' : `led by ${leader}`}`
}

/** An installation of one hub is a cluster, too. */
function replicasText({ replicas }: Cluster): string {
  if (!replicas) return 'not known now'
  return `${replicas.length}: ${replicas.map(({ replica, url }) => `${replica} (${url})`).join(', ')}`
}

const msText = (value: number) => `${value.toFixed(1)} ms`
