/** Identifiers: makes new ids and secrets from random bytes, which are an argument so that tests can bring their own. */
import {
  DeploymentId,
  DeviceId,
  JoinTokenId,
  KeyId,
  OrganisationId,
  RolloutId,
  SiteId,
  UploadId,
  VersionId,
} from '@skerry/contract/ids'

export type RandomBytes = (length: number) => Uint8Array

export type Identifiers = {
  organisation(): OrganisationId
  site(): SiteId
  device(): DeviceId
  token(): JoinTokenId
  key(): KeyId
  upload(): UploadId
  version(): VersionId
  deployment(): DeploymentId
  rollout(): RolloutId
  /** Names one request, in its answer and in the log. */
  request(): string
  /** 256 bits, base64url: what keys and join tokens prove themselves with. */
  secret(): string
}

/** [RFC 4648 6] Base32 in lower case, without padding. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** 96 bits: a collision needs some 10^14 ids of one kind. */
const ID_BYTES = 12

/** Makes the makers. */
export function createIdentifiers(randomBytes: RandomBytes): Identifiers {
  const word = () => base32(randomBytes(ID_BYTES))
  return {
    organisation: () => OrganisationId.parse(`org_${word()}`),
    site: () => SiteId.parse(`site_${word()}`),
    device: () => DeviceId.parse(`dev_${word()}`),
    token: () => JoinTokenId.parse(`tok_${word()}`),
    key: () => KeyId.parse(`key_${word()}`),
    upload: () => UploadId.parse(`upl_${word()}`),
    version: () => VersionId.parse(`ver_${word()}`),
    deployment: () => DeploymentId.parse(`dep_${word()}`),
    rollout: () => RolloutId.parse(`rol_${word()}`),
    request: () => `req_${word()}`,
    secret: () => Buffer.from(randomBytes(32)).toString('base64url'),
  }
}

function base32(bytes: Uint8Array): string {
  let text = ''
  let [buffer, bits] = [0, 0]
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
