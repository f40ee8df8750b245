/** Apt plan: the changes that apt would make, read from its simulation, and whether a list of packages allows them. */
import type { PackageList } from '@skerry/contract/os/package-list'

export type AptPlan = {
  installs: { name: string; version: string }[]
  removes: string[]
}

/** [apt-get(8), -s] Lines such as `Inst nano [7.2-1] (7.2-2 Debian:12 [amd64])` and `Remv nano [7.2-1]`. */
const INSTALL = /^Inst (\S+) (?:\[[^\]]*\] )?\((\S+)/
const REMOVE = /^(?:Remv|Purg) (\S+)/

/** Reads the output of `apt-get -s`. */
export function readAptPlan(text: string): AptPlan {
  const plan: AptPlan = { installs: [], removes: [] }
  for (const line of text.split('\n')) {
    const [, installed, version] = INSTALL.exec(line) ?? []
    const [, removed] = REMOVE.exec(line) ?? []
    if (installed !== undefined && version !== undefined) plan.installs.push({ name: installed, version })
    if (removed !== undefined) plan.removes.push(removed)
  }
  return plan
}

/** Why the list forbids the plan; undefined if it allows it. */
export function planProblem({ installs, removes }: AptPlan, { hold }: Pick<PackageList, 'hold'>): string | undefined {
  if (removes.length > 0) return `apt would remove ${removes.slice(0, 5).join(', ')}, and a list removes no package`
  const held = installs.find(({ name }) => hold.includes(name))
  return held && `apt would change ${held.name} to ${held.version}, and the list holds this package`
}

/** The packages whose versions differ from those of the list, by the output of `dpkg-query` (`NAME VERSION` lines). */
export function lackingPackages(packages: PackageList['packages'], installed: ReadonlyMap<string, string>): string[] {
  return packages.filter(({ name, version }) => installed.get(name) !== version).map(({ name }) => name)
}
