/**
 * Entity tags: identify the state of an object that a client has seen. A GET answers with the tag of the shown object
 * as `ETag`. A change that sends it back as `If-Match` is rejected with 412 if the object has another state by then. A
 * tag covers the decisions of people, never the reports of devices: else a tag would be outdated before anybody has
 * read it. It is strong, opaque to people, and derived from the view, so that a row of a list has one, too.
 */
import type { Approval } from '../approvals/approval.ts'
import type { Batch } from '../batches/batch.ts'
import type { Connection } from '../connections/connection.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { Device } from '../devices/device.ts'
import type { Group } from '../groups/group.ts'
import type { JoinToken } from '../joining/join.ts'
import type { Model, Upload, Version } from '../models/model.ts'
import type { Key } from '../people/key.ts'
import type { RoleView } from '../people/role.ts'
import type { User } from '../people/user.ts'
import type { Rollout } from '../rollouts/rollout.ts'
import type { Route } from '../routes/route.ts'
import type { Secret } from '../secrets/secret.ts'
import type { SettingsLayer } from '../settings/device-settings.ts'
import type { Site } from '../sites/site.ts'

/** `"site_abc.3"`, as it stands in a header. */
export type EntityTag = `"${string}"`

const tag = (...parts: readonly (string | number)[]): EntityTag => `"${parts.join('.')}"`

export const siteTag = ({ id, revision }: Pick<Site, 'id' | 'revision'>): EntityTag => tag(id, revision)

export const deviceTag = ({ id, revision, status }: Pick<Device, 'id' | 'revision' | 'status'>): EntityTag =>
  tag(id, revision, status)

export const deploymentTag = ({ id, revision }: Pick<Deployment, 'id' | 'revision'>): EntityTag => tag(id, revision)

/** A route that was removed and created again has another time. */
export const routeTag = ({
  name,
  createdAtMs,
  revision,
}: Pick<Route, 'name' | 'createdAtMs' | 'revision'>): EntityTag => tag(name, createdAtMs, revision)

/** A group that was removed and created again has another time. */
export const groupTag = ({
  name,
  createdAtMs,
  revision,
}: Pick<Group, 'name' | 'createdAtMs' | 'revision'>): EntityTag => tag(name, createdAtMs, revision)

/** Settings that were removed and set again have another time. */
export const settingsTag = ({
  scope,
  createdAtMs,
  revision,
}: Pick<SettingsLayer, 'scope' | 'createdAtMs' | 'revision'>): EntityTag => tag(scope, createdAtMs, revision)

type Steered = Pick<Rollout, 'id' | 'status' | 'wave'> & { waves: readonly Rollout['waves'][number][] }

/** How it stands, its newest wave, the failures that a person may have seen, and whether a wave waits for approval. */
export function rolloutTag({ id, status, wave, waves }: Steered): EntityTag {
  const failures = waves.reduce(
    (sum, { counts }) => sum + counts.failed + counts.rejected + counts['timed-out'] + counts.tolerated,
    0,
  )
  const next = waves[wave + 1]
  const isAwaited = next?.awaitedSinceMs !== undefined && !next.isApproved
  return tag(id, status, wave, failures, ...(isAwaited ? ['awaited'] : []))
}

type Named = Pick<Model, 'name' | 'createdAtMs' | 'latestVersion' | 'versionCount' | 'aliases'>

export const modelTag = ({ name, createdAtMs, latestVersion = 0, versionCount, aliases }: Named): EntityTag =>
  tag(name, createdAtMs, latestVersion, versionCount, ...Object.entries(aliases).sort().flat())

export const versionTag = ({ name, version, digest }: Pick<Version, 'name' | 'version' | 'digest'>): EntityTag =>
  tag(name, version, digest)

/** Undefined if the model has no such alias. */
export function aliasTag({ name, aliases }: Pick<Model, 'name' | 'aliases'>, alias: string): EntityTag | undefined {
  const version = aliases[alias]
  return version === undefined ? undefined : tag(name, alias, version)
}

export const keyTag = ({ id, revokedAtMs = 0 }: Pick<Key, 'id' | 'revokedAtMs'>): EntityTag => tag(id, revokedAtMs)

export const tokenTag = ({ id, revokedAtMs = 0 }: Pick<JoinToken, 'id' | 'revokedAtMs'>): EntityTag =>
  tag(id, revokedAtMs)

export const userTag = ({ id, role }: Pick<User, 'id' | 'role'>): EntityTag => tag(id, role)

export const roleTag = ({ name, revision }: Pick<RoleView, 'name' | 'revision'>): EntityTag => tag(name, revision)

export const approvalTag = ({ id, status }: Pick<Approval, 'id' | 'status'>): EntityTag => tag(id, status)

export const batchTag = ({ id, status, attempt }: Pick<Batch, 'id' | 'status' | 'attempt'>): EntityTag =>
  tag(id, status, attempt)

export const secretTag = ({ id, version }: Pick<Secret, 'id' | 'version'>): EntityTag => tag(id, version)

export const connectionTag = ({ id, version }: Pick<Connection, 'id' | 'version'>): EntityTag => tag(id, version)

/** Each piece of bytes names its own offset, so the tag need not change with it. */
export const uploadTag = ({ id, digest }: Pick<Upload, 'id' | 'digest'>): EntityTag => tag(id, digest)

/** The condition of a request on the object's state, from its headers. */
export type Precondition = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined }

/**
 * [RFC 9110, 13.1] Whether the request may continue. `current` is the tag of the object; undefined if there is none.
 * Tags are compared strongly: a weak one, which a proxy may have made of ours, matches nothing.
 */
export function isAsMeant({ ifMatch, ifNoneMatch }: Precondition, current: EntityTag | undefined): boolean {
  if (ifMatch !== undefined && !isNamed(ifMatch, current)) return false
  return ifNoneMatch === undefined || !isNamed(ifNoneMatch, current)
}

function isNamed(header: string, current: EntityTag | undefined): boolean {
  if (current === undefined) return false
  return header.trim() === '*' || header.split(',').some((each) => each.trim() === current)
}
