/** Read advisories: the OSV documents in a file or a folder, with which a listing is compared. */
import type { OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import { importParts } from '@skerry/core/vulnerabilities/import-parts'
import { asIs, value } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { filesAt } from '../../vulnerabilities/import.ts'

export const ADVISORIES = value(
  '--osv <path>',
  'file or folder of advisories (OSV), with which the parts are compared',
  asIs,
)

/** Undefined without a path: then nothing is known about the parts. */
export async function readAdvisories(path: string | undefined): Promise<OsvAdvisory[] | undefined> {
  if (path === undefined) return undefined
  const advisories: OsvAdvisory[] = []
  for await (const part of importParts(filesAt([path]), (message) => fail('file_invalid', message))) {
    advisories.push(...part.advisories)
  }
  return advisories
}
