/** Release corpus: the files that `scripts/releases/freeze.ts` has written for a release. Tests only read them. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { removeAtEnd } from '@skerry/testkit/leftovers'
import type { RecordedMessages } from '../../scripts/releases/messages.ts'

const RELEASES = import.meta.dirname

/** The versions that have a corpus. */
export const releases: readonly string[] = readdirSync(RELEASES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

export const recordedMessages = (version: string): RecordedMessages =>
  JSON.parse(gunzipSync(readFileSync(join(RELEASES, version, 'messages.json.gz'))).toString())

/** The folder with a file, or a few, of each format. */
export const formatsOf = (version: string): string => join(RELEASES, version, 'formats')

/** The paths of the files below a folder of the formats. */
export const filesOf = (version: string, folder: string): string[] =>
  readdirSync(join(formatsOf(version), folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))

/** A copy of the data folders, in a folder that goes at the end of the file. */
export async function unpackData(version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-release-'))
  removeAtEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  execFileSync('tar', ['-xzf', join(RELEASES, version, 'data.tar.gz'), '-C', folder])
  return folder
}

/** The places of the fields that were lost when the value was read. */
export function lostFields(value: unknown, read: unknown, place = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  const found = typeof read === 'object' && read !== null ? Object.entries(read) : []
  return Object.entries(value).flatMap(([name, part]) => {
    const same = found.find(([other]) => other === name)
    return same ? lostFields(part, same[1], `${place}.${name}`) : [`${place}.${name}`]
  })
}
