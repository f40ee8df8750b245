/**
 * Check containers: judges the containers of a listing that ran in a sandbox without a network. Nothing that they do
 * beyond the declarations of the listing passes.
 */
import type { App } from '@skerry/contract/apps/app'
import type { ListingPermission } from '@skerry/contract/market/listing'
import { NOT_RUN } from '../not-run.ts'
import type { CheckResult } from './check-listing.ts'
import type { RehearsedApp, RehearsedApps } from './container-facts.ts'

type Judged = Omit<CheckResult, 'check' | 'result'> & { result?: CheckResult['result'] }

/** A listing without apps passes. Without an engine nothing is proven, which is neither a pass nor a lie. */
export function judgeContainers(rehearsed: RehearsedApps, asked: readonly ListingPermission[]): Judged {
  if (!rehearsed.ok) {
    return { result: 'WARNED', facts: { run: NOT_RUN }, findings: [`not run: ${rehearsed.reason}`] }
  }
  const { apps } = rehearsed
  if (apps.length === 0) return { facts: { apps: 0 }, findings: [] }
  const ports = apps.flatMap(({ ports: own }) => own)
  return {
    facts: {
      apps: apps.length,
      ports: ports.toSorted().join(', ') || 'none',
      written: sumOf(apps, ({ written }) => written.length),
    },
    measured: {
      processes: sumOf(apps, ({ processes }) => processes),
      attempts: sumOf(apps, ({ attempts }) => attempts),
    },
    findings: apps.flatMap((app) => findingsOf(app, asked)),
  }
}

function findingsOf(
  { item, app, trouble, ports, attempts, written }: RehearsedApp,
  asked: readonly ListingPermission[],
): string[] {
  if (trouble !== undefined) return [`${item}: ${trouble}`]
  const declared = declaredPorts(app, asked)
  const isOnline = asked.some(({ access }) => access === 'egress')
  return [
    ...ports
      .filter((port) => !declared.has(port))
      .map((port) => `${item} listens at ${port}, and the listing does not ask for it`),
    ...(attempts > 0 && !isOnline
      ? [`${item} tried ${attempts} times to reach a network, and the listing asks for no egress`]
      : []),
    ...written.map(({ service, path }) => `${item}: ${service} wrote ${path}, which is on no volume and no tmpfs`),
  ]
}

/**
 * The ports of the containers that lead to the device, and those that the listing asks for inside of the app:
 * `{ access: port, target: "db:5432/tcp" }`.
 */
function declaredPorts({ services }: App, asked: readonly ListingPermission[]): ReadonlySet<string> {
  const published = Object.values(services).flatMap(({ ports = [] }) =>
    ports.map(({ container, protocol }) => `${container}/${protocol}`),
  )
  const inside = asked.flatMap(({ access, target }) => {
    const [service = '', port] = target.split(':')
    return access === 'port' && port !== undefined && Object.hasOwn(services, service) ? [port] : []
  })
  return new Set([...published, ...inside])
}

/** The memory of all containers together. */
export const memoryOfApps = (rehearsed: RehearsedApps): number =>
  rehearsed.ok ? sumOf(rehearsed.apps, ({ memoryBytes }) => memoryBytes) : 0

/** The processors that all containers used. */
export const processorsOfApps = (rehearsed: RehearsedApps): number =>
  rehearsed.ok ? sumOf(rehearsed.apps, ({ processors }) => processors) : 0

/** The apps that did not come up again after a kill. */
export const restartFindings = (rehearsed: RehearsedApps): string[] =>
  rehearsed.ok
    ? rehearsed.apps.flatMap(({ item, restartTrouble }) =>
        restartTrouble === undefined ? [] : [`after a kill, ${item}: ${restartTrouble}`],
      )
    : []

const sumOf = (apps: readonly RehearsedApp[], count: (app: RehearsedApp) => number) =>
  apps.reduce((sum, app) => sum + count(app), 0)
