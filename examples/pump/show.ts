/** Show: the state that the acts share. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CommandLine } from '../stage/command-line.ts'
import type { Findings } from '../stage/findings.ts'
import type { AgentProgram, HubHome, HubProgram } from '../stage/fleet.ts'
import type { Plant } from './plant.ts'

const ROOT = join(import.meta.dirname, '../..')

export type Show = {
  folder: string
  home: HubHome
  /** Another process after a restart. */
  hub: HubProgram
  agent: AgentProgram
  plant: Plant
  skerry: CommandLine
  say(text: string): void
  findings: Findings
  signal: AbortSignal
}

/** Prints the finding, and notes it. */
export function check({ say, findings }: Show, claim: string, holds: boolean, seen?: string): void {
  say(findings.check(claim, holds, seen))
}

/** A command that a person would type, and its output. */
export async function type({ skerry, say }: Show, ...words: string[]): Promise<string> {
  say(`   $ skerry ${words.join(' ').replaceAll(`${ROOT}/`, '')}`)
  return skerry(...words)
}

/**
 * How many values wait in a queue on the device's disk. It reads the disk, because a device without its hub cannot
 * report.
 */
export function depthOf({ folder, agent }: Show, queue: 'hub' | 'plant'): number {
  const path = queue === 'hub' ? 'hub-queue' : join('sinks', queue)
  const database = new DatabaseSync(join(folder, agent.device, path, `${queue}.sqlite`), {
    readOnly: true,
    timeout: 5_000,
  })
  try {
    return Number(database.prepare('SELECT coalesce(sum(count), 0) AS waiting FROM batch').get()?.waiting)
  } finally {
    database.close()
  }
}
