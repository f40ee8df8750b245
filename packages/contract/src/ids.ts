/** Identifiers. Each is branded, so that a device's id cannot be passed where a site's is wanted; parsing is the only way to one. */
import * as z from 'zod'

/** 12 bytes of base32 in lower case: short enough to read out, long enough never to collide in one hub. */
const idOf = <Brand extends string>(prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[a-z2-7]{8,32}$`), `must look like ${prefix}_abcdefgh234567`)
    .brand<Brand>()

export const OrganisationId = idOf<'OrganisationId'>('org')
export type OrganisationId = z.infer<typeof OrganisationId>

export const SiteId = idOf<'SiteId'>('site')
export type SiteId = z.infer<typeof SiteId>

export const DeviceId = idOf<'DeviceId'>('dev')
export type DeviceId = z.infer<typeof DeviceId>

export const JoinTokenId = idOf<'JoinTokenId'>('tok')
export type JoinTokenId = z.infer<typeof JoinTokenId>

export const KeyId = idOf<'KeyId'>('key')
export type KeyId = z.infer<typeof KeyId>

export const UploadId = idOf<'UploadId'>('upl')
export type UploadId = z.infer<typeof UploadId>

export const VersionId = idOf<'VersionId'>('ver')
export type VersionId = z.infer<typeof VersionId>

export const DeploymentId = idOf<'DeploymentId'>('dep')
export type DeploymentId = z.infer<typeof DeploymentId>

export const RolloutId = idOf<'RolloutId'>('rol')
export type RolloutId = z.infer<typeof RolloutId>
