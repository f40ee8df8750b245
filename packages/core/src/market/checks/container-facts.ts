/**
 * Container facts: the observations of a certifier about containers that run in a sandbox, from the texts of the kernel
 * and of the engine.
 */
import type { App, Service } from '@skerry/contract/apps/app'
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { ModelFile } from '@skerry/contract/models/model'

/** An app of a listing, with the settings of its samples. */
export type PlannedApp = { item: string; app: App; config: AppConfig; files: readonly ModelFile[] }

/** A file that a service wrote outside of its volumes. */
export type StrayFile = { service: string; path: string }

/** The measurements of one app. */
export type RehearsedApp = Pick<PlannedApp, 'item' | 'app'> & {
  /** Why it did not come up; then nothing else was measured. */
  trouble?: string
  /** Why it did not come up again after all its processes were killed. */
  restartTrouble?: string
  /** Sockets that listen on another address than loopback, such as 80/tcp. */
  ports: string[]
  /** Attempts to reach a network, as the kernel counted them. */
  attempts: number
  written: StrayFile[]
  /** The largest sum of all containers. */
  memoryBytes: number
  /** The share of the time of the observation. */
  processors: number
  processes: number
}

export type RehearsedApps = { ok: true; apps: RehearsedApp[] } | { ok: false; reason: string }

/** [proc_pid_net(5)] A listening socket of TCP, and an unconnected one of UDP. */
const WAITING = { tcp: '0A', udp: '07' } as const

/**
 * The ports in a table such as `/proc/PID/net/tcp6` that wait on another address than loopback, in the form 80/tcp.
 */
export function openPorts(protocol: 'tcp' | 'udp', table: string): string[] {
  const ports = table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    if (state !== WAITING[protocol] || isLoopback(address)) return []
    return [`${Number.parseInt(port, 16)}/${protocol}`]
  })
  return [...new Set(ports)]
}

/** The kernel writes each word of an address with its lowest byte first: 127.0.0.1 is 0100007F. */
const isLoopback = (address: string) =>
  /^[0-9A-F]{6}7F$/.test(address) || /^(0{16}FFFF0{4}[0-9A-F]{6}7F|0{24}01000000)$/.test(address)

/**
 * Attempts to reach a network, in a process that has none. [RFC 4293] The kernel counts a packet or a connection for
 * which it finds no route. The texts are those of `/proc/PID/net/snmp` and `snmp6`.
 */
export function attemptsIn(snmp: string, snmp6: string): number {
  const [names = '', values = ''] = snmp.split('\n').filter((line) => line.startsWith('Ip:'))
  const place = names.split(' ').indexOf('OutNoRoutes')
  const [, six = '0'] = /^Ip6OutNoRoutes\s+(\d+)$/m.exec(snmp6) ?? []
  return Number(values.split(' ')[place]) + Number(six)
}

/** Folders that an engine fills itself. */
const OF_THE_ENGINE = ['/dev', '/proc', '/sys', '/run/secrets', '/run/data', '/etc/hosts', '/etc/resolv.conf'] as const

/** The changed paths of a container that are on no volume and no tmpfs of the service. Only the deepest ones count. */
export function strayPaths(
  { volumes = [], tmpfs = [] }: Pick<Service, 'volumes' | 'tmpfs'>,
  changed: readonly string[],
): string[] {
  const own = [...volumes.map(({ target }) => target), ...tmpfs, ...OF_THE_ENGINE]
  const isInside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)
  const isOwn = (path: string) => own.some((folder) => isInside(path, folder) || isInside(folder, path))
  const strangers = changed.filter((path) => !isOwn(path))
  return strangers.filter((path) => !changed.some((other) => other !== path && isInside(other, path))).toSorted()
}
