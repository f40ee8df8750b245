/**
 * Launch files: the folder that the launcher and the running version share. Each change is one rename, made durable
 * before the next. Without packages, because the launcher uses it.
 *
 *     versions/<digest>/   complete: it was renamed to this name      current, previous   links to one of them
 *     trial.json           the version on trial                      failures.json       versions that were given up
 *     fresh.json           the version that has just committed
 *     standby.json         the version to start beside the running one      standby-ready.json   it has loaded its code
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { Fresh, LaunchState, Trial } from './launch-plan.ts'

export type LaunchFailure = { digest: string; retryToken: number; code: string; message: string }

/** Versions that failed here. More would be versions that no hub offers any more. */
const FAILURES_MAX = 16

const NAME = /^[0-9a-f]{64}$/

/**
 * A version with this file can be started beside the running one. The version waits for its turn. In the manifest,
 * agents of 0.1.0 would reject a new field.
 */
export const STANDS_BY = 'stands-by'

export const versionFolder = (root: string, digest: string): string => join(root, 'versions', digest)

export function readLaunch(root: string): LaunchState {
  const names = existsSync(join(root, 'versions')) ? readdirSync(join(root, 'versions')) : []
  return {
    versions: new Set(names.filter((name) => NAME.test(name))),
    current: readLink(root, 'current'),
    previous: readLink(root, 'previous'),
    trial: readJson(join(root, 'trial.json')),
    fresh: readJson(join(root, 'fresh.json')),
  }
}

export const writeTrial = (root: string, trial: Trial): void => writeDurably(root, 'trial.json', JSON.stringify(trial))

export function dropTrial(root: string): void {
  rmSync(join(root, 'trial.json'), { force: true })
  syncFolder(root)
}

/** The version has committed. The launcher still watches it, until it has run for a minute. */
export function settleTrial(root: string, { digest, retryToken }: Trial): void {
  writeFresh(root, { digest, retryToken, falls: 0 })
  dropTrial(root)
}

export const writeFresh = (root: string, fresh: Fresh): void => writeDurably(root, 'fresh.json', JSON.stringify(fresh))

export const dropFresh = (root: string): void => rmSync(join(root, 'fresh.json'), { force: true })

/** The version before the current one takes its place. The failure stands first, so that no kill tries it again. */
export function relapse(root: string, previous: string, failure: LaunchFailure): void {
  noteFailure(root, failure)
  point(root, 'current', previous)
  dropFresh(root)
}

/** The version becomes the one that every start uses. The one before stays for a rollback. */
export function commitVersion(root: string, digest: string): void {
  const { current, trial } = readLaunch(root)
  if (current !== undefined && current !== digest) point(root, 'previous', current)
  if (current !== digest) point(root, 'current', digest)
  if (trial?.digest === digest) settleTrial(root, trial)
}

export function readFailures(root: string): LaunchFailure[] {
  const read = readJson<LaunchFailure[]>(join(root, 'failures.json'))
  return Array.isArray(read) ? read : []
}

/** The failure is remembered before the trial is forgotten, so that no kill between the two tries the version again. */
export function noteFailure(root: string, failure: LaunchFailure): void {
  const others = readFailures(root).filter(({ digest }) => digest !== failure.digest)
  writeDurably(root, 'failures.json', JSON.stringify([...others, failure].slice(-FAILURES_MAX)))
  if (readLaunch(root).trial?.digest === failure.digest) dropTrial(root)
}

/** The running version asks for another one beside it. The launcher reads the note when it gets the signal. */
export function askStandby(root: string, digest: string): void {
  dropStandby(root)
  writeDurably(root, 'standby.json', JSON.stringify({ digest }))
}

/** The version that was asked for, if its folder is complete and it knows how to wait. */
export function readStandby(root: string): string | undefined {
  const digest = readJson<Partial<Trial>>(join(root, 'standby.json'))?.digest
  if (typeof digest !== 'string' || !NAME.test(digest)) return undefined
  return existsSync(join(versionFolder(root, digest), STANDS_BY)) ? digest : undefined
}

/** The version beside the running one has loaded its code. */
export const noteReady = (root: string, digest: string): void =>
  writeDurably(root, 'standby-ready.json', JSON.stringify({ digest }))

/** `gone`: the launcher has dropped the note, because no version stands by. */
export function standbyState(root: string, digest: string): 'pending' | 'ready' | 'gone' {
  if (readStandby(root) !== digest) return 'gone'
  return readJson<Partial<Trial>>(join(root, 'standby-ready.json'))?.digest === digest ? 'ready' : 'pending'
}

/** The notes do not outlive the launcher, so neither needs to be on the disk when this returns. */
export function dropStandby(root: string): void {
  for (const name of ['standby.json', 'standby-ready.json']) rmSync(join(root, name), { force: true })
}

/** [rename(2)] A link cannot be changed, so a new one replaces it. */
function point(root: string, name: 'current' | 'previous', digest: string): void {
  const fresh = join(root, `.${name}.new`)
  rmSync(fresh, { force: true })
  symlinkSync(join('versions', digest), fresh)
  renameSync(fresh, join(root, name))
  syncFolder(root)
}

function writeDurably(root: string, name: string, text: string): void {
  mkdirSync(root, { recursive: true })
  const fresh = join(root, `.${name}.new`)
  const file = openSync(fresh, 'w', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(fresh, join(root, name))
  syncFolder(root)
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function readLink(root: string, name: string): string | undefined {
  try {
    return basename(readlinkSync(join(root, name)))
  } catch {
    return undefined
  }
}

/** A file that is missing or unreadable counts as absent: the launcher must start something. */
function readJson<Value>(path: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Value
  } catch {
    return undefined
  }
}
