/**
 * Identifiers. Each is branded, so that a device's id cannot be passed in place of a site's; only parsing creates one.
 */
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

export const ExpectedDeviceId = idOf<'ExpectedDeviceId'>('exp')
export type ExpectedDeviceId = z.infer<typeof ExpectedDeviceId>

export const KeyId = idOf<'KeyId'>('key')
export type KeyId = z.infer<typeof KeyId>

/** A Git repository that the hub follows. */
export const GitSourceId = idOf<'GitSourceId'>('git')
export type GitSourceId = z.infer<typeof GitSourceId>

/** A model of another system that the hub imports. */
export const ModelFeedId = idOf<'ModelFeedId'>('feed')
export type ModelFeedId = z.infer<typeof ModelFeedId>

/** Two devices that stand in for each other. */
export const PairId = idOf<'PairId'>('pair')
export type PairId = z.infer<typeof PairId>

/** The account of one person. */
export const UserId = idOf<'UserId'>('usr')
export type UserId = z.infer<typeof UserId>

export const UploadId = idOf<'UploadId'>('upl')
export type UploadId = z.infer<typeof UploadId>

/** A version of a listing in the inbox of reviewers. */
export const SubmissionId = idOf<'SubmissionId'>('sub')
export type SubmissionId = z.infer<typeof SubmissionId>

export const VersionId = idOf<'VersionId'>('ver')
export type VersionId = z.infer<typeof VersionId>

export const DeploymentId = idOf<'DeploymentId'>('dep')
export type DeploymentId = z.infer<typeof DeploymentId>

export const CommandId = idOf<'CommandId'>('cmd')
export type CommandId = z.infer<typeof CommandId>

/** The right of a person to reach one device for a while. */
export const AccessGrantId = idOf<'AccessGrantId'>('gra')
export type AccessGrantId = z.infer<typeof AccessGrantId>

/** One use of a grant. */
export const AccessSessionId = idOf<'AccessSessionId'>('acs')
export type AccessSessionId = z.infer<typeof AccessSessionId>

/** One stream of bytes between the hub and a device. */
export const StreamId = idOf<'StreamId'>('str')
export type StreamId = z.infer<typeof StreamId>

export const RolloutId = idOf<'RolloutId'>('rol')
export type RolloutId = z.infer<typeof RolloutId>

export const SecretId = idOf<'SecretId'>('sec')
export type SecretId = z.infer<typeof SecretId>

/** A source or a sink at a place. */
export const ConnectionId = idOf<'ConnectionId'>('con')
export type ConnectionId = z.infer<typeof ConnectionId>

export const BatchId = idOf<'BatchId'>('bat')
export type BatchId = z.infer<typeof BatchId>

export const InvitationId = idOf<'InvitationId'>('inv')
export type InvitationId = z.infer<typeof InvitationId>

export const ApprovalId = idOf<'ApprovalId'>('apr')
export type ApprovalId = z.infer<typeof ApprovalId>

/** An authority that signs devices' certificates; `first` is the one in the folder of secrets. */
export const AuthorityId = z
  .string()
  .regex(/^(first|ca_[a-z2-7]{8,32})$/, 'must be first, or look like ca_abcdefgh234567')
  .brand<'AuthorityId'>()
export type AuthorityId = z.infer<typeof AuthorityId>

/** A session of a person. Its id is no secret: the cookie holds another value. */
export const SessionId = idOf<'SessionId'>('ses')
export type SessionId = z.infer<typeof SessionId>

/** A passkey of a person; not the authenticator's own name for it. */
export const PasskeyId = idOf<'PasskeyId'>('psk')
export type PasskeyId = z.infer<typeof PasskeyId>

/** A finding of intrusion detection. */
export const IntrusionId = idOf<'IntrusionId'>('int')
export type IntrusionId = z.infer<typeof IntrusionId>

/** A smaller or faster form of a version. */
export const BuildId = idOf<'BuildId'>('bld')
export type BuildId = z.infer<typeof BuildId>

/** One federated learning campaign. */
export const CampaignId = idOf<'CampaignId'>('cmp')
export type CampaignId = z.infer<typeof CampaignId>

/** One learning of what is normal. */
export const LearningId = idOf<'LearningId'>('lrn')
export type LearningId = z.infer<typeof LearningId>

/** One order by which each of several machines learns. */
export const LearningFleetId = idOf<'LearningFleetId'>('lfl')
export type LearningFleetId = z.infer<typeof LearningFleetId>

/** One time that a person has marked for a learning. */
export const LearningMarkId = idOf<'LearningMarkId'>('lmk')
export type LearningMarkId = z.infer<typeof LearningMarkId>

/** One run that makes builds of a version. */
export const OptimisationId = idOf<'OptimisationId'>('opt')
export type OptimisationId = z.infer<typeof OptimisationId>
