/**
 * Launch files: the folder that the launcher and the running version share. Each change is one rename, made durable
 * before the next. Without packages, because the launcher uses it.
 *
 *     versions/<digest>/   complete: it was renamed to this name      current, previous   links to one of them
 *     trial.json           the version on trial                      failures.json       versions that were given up
 *     fresh.json           the version that has just committed
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
