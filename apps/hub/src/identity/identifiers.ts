/**
 * Identifiers: makes new ids and secrets from random bytes. The source of bytes is an argument, so that tests can bring
 * their own.
 */
import {
  AccessGrantId,
  AccessSessionId,
  ApprovalId,
  AuthorityId,
  BatchId,
  BuildId,
  CampaignId,
  CommandId,
  ConnectionId,
  DeploymentId,
  DeviceId,
  ExpectedDeviceId,
  GitSourceId,
  IntrusionId,
  InvitationId,
  JoinTokenId,
  KeyId,
  LearningFleetId,
  LearningId,
  LearningMarkId,
  ModelFeedId,
  OptimisationId,
  OrganisationId,
  PairId,
  PasskeyId,
  RolloutId,
  SecretId,
  SessionId,
  SiteId,
  StreamId,
  SubmissionId,
  UploadId,
  UserId,
  VersionId,
} from '@skerry/contract/values/ids'

export type RandomBytes = (length: number) => Uint8Array

export type Identifiers = {
  organisation(): OrganisationId
  site(): SiteId
  device(): DeviceId
  token(): JoinTokenId
  expected(): ExpectedDeviceId
  gitSource(): GitSourceId
  pair(): PairId
  modelFeed(): ModelFeedId
  key(): KeyId
  upload(): UploadId
  version(): VersionId
  deployment(): DeploymentId
  rollout(): RolloutId
  command(): CommandId
  stream(): StreamId
  accessGrant(): AccessGrantId
  accessSession(): AccessSessionId
  batch(): BatchId
  campaign(): CampaignId
  learning(): LearningId
  learningFleet(): LearningFleetId
  learningMark(): LearningMarkId
  build(): BuildId
  optimisation(): OptimisationId
  secretRecord(): SecretId
  connection(): ConnectionId
  user(): UserId
  invitation(): InvitationId
  approval(): ApprovalId
  authority(): AuthorityId
  session(): SessionId
  passkey(): PasskeyId
  intrusion(): IntrusionId
  submission(): SubmissionId
  /** Identifies a database for its whole life. */
  database(): string
  /** Identifies one request, in its answer and in the log. */
  request(): string
  /** The code that a person compares: eight consonants [RFC 8628 6.1]. */
  loginCode(): string
  /** The secret part of keys and join tokens: 256 bits, base64url. */
  secret(): string
}

/** [RFC 4648 6] Base32 in lower case, without padding. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** 96 bits: a collision needs some 10^14 ids of one kind. */
const ID_BYTES = 12

export function createIdentifiers(randomBytes: RandomBytes): Identifiers {
  const word = () => base32(randomBytes(ID_BYTES))
  return {
    organisation: () => OrganisationId.parse(`org_${word()}`),
    site: () => SiteId.parse(`site_${word()}`),
    device: () => DeviceId.parse(`dev_${word()}`),
    expected: () => ExpectedDeviceId.parse(`exp_${word()}`),
    token: () => JoinTokenId.parse(`tok_${word()}`),
    gitSource: () => GitSourceId.parse(`git_${word()}`),
    pair: () => PairId.parse(`pair_${word()}`),
    modelFeed: () => ModelFeedId.parse(`feed_${word()}`),
    key: () => KeyId.parse(`key_${word()}`),
    upload: () => UploadId.parse(`upl_${word()}`),
    version: () => VersionId.parse(`ver_${word()}`),
    deployment: () => DeploymentId.parse(`dep_${word()}`),
    rollout: () => RolloutId.parse(`rol_${word()}`),
    accessGrant: () => AccessGrantId.parse(`gra_${word()}`),
    accessSession: () => AccessSessionId.parse(`acs_${word()}`),
    stream: () => StreamId.parse(`str_${word()}`),
    command: () => CommandId.parse(`cmd_${word()}`),
    batch: () => BatchId.parse(`bat_${word()}`),
    campaign: () => CampaignId.parse(`cmp_${word()}`),
    learning: () => LearningId.parse(`lrn_${word()}`),
    learningFleet: () => LearningFleetId.parse(`lfl_${word()}`),
    learningMark: () => LearningMarkId.parse(`lmk_${word()}`),
    build: () => BuildId.parse(`bld_${word()}`),
    optimisation: () => OptimisationId.parse(`opt_${word()}`),
    secretRecord: () => SecretId.parse(`sec_${word()}`),
    connection: () => ConnectionId.parse(`con_${word()}`),
    user: () => UserId.parse(`usr_${word()}`),
    invitation: () => InvitationId.parse(`inv_${word()}`),
    approval: () => ApprovalId.parse(`apr_${word()}`),
    authority: () => AuthorityId.parse(`ca_${word()}`),
    session: () => SessionId.parse(`ses_${word()}`),
    passkey: () => PasskeyId.parse(`psk_${word()}`),
    intrusion: () => IntrusionId.parse(`int_${word()}`),
    submission: () => SubmissionId.parse(`sub_${word()}`),
    database: () => `dbs_${word()}`,
    request: () => `req_${word()}`,
    loginCode: () => `${consonants(randomBytes)}-${consonants(randomBytes)}`,
    secret: () => Buffer.from(randomBytes(32)).toString('base64url'),
  }
}

/** Twenty letters, without Y. Bytes of 240 and more are discarded, so that each letter is equally likely. */
const CONSONANTS = 'BCDFGHJKLMNPQRSTVWXZ'

function consonants(randomBytes: RandomBytes): string {
  let text = ''
  while (text.length < 4) {
    const [byte = 255] = randomBytes(1)
    if (byte < 240) text += CONSONANTS[byte % CONSONANTS.length]
  }
  return text
}

function base32(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(buffer >> bits) & 31]
      buffer &= (1 << bits) - 1
    }
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text
}
