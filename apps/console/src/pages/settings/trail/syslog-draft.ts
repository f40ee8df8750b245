/** Syslog draft: the form of a receiver, and the request that is made from it. */
import type { SyslogWish } from '@skerry/contract/audit/audit-export'
import { receiverTexts } from './english-receivers.ts'

const words = receiverTexts.syslog

export type SyslogDraft = {
  host: string
  /** An empty field means the default. */
  port: number | undefined
  facility: number | undefined
  serverName?: string | undefined
  authorityPem?: string | undefined
  certificatePem?: string | undefined
  key: Blob | undefined
  from: number | undefined
}

/** [RFC 5425 4.1, RFC 5424 6.2.1] The defaults of the hub. */
export const DEFAULTS: SyslogDraft = { host: '', port: 6514, facility: 13, key: undefined, from: undefined }

/** The reason why it cannot be sent yet. */
export function whyNot({ host, certificatePem, key }: SyslogDraft): string | undefined {
  if (host === '') return words.noHost
  return saidIn(certificatePem) !== undefined && key === undefined ? words.noKey : undefined
}

/** Empty fields are omitted. A key without its certificate is omitted too. */
export function syslogWishOf(draft: SyslogDraft, key: string | undefined): SyslogWish {
  const { host, port = DEFAULTS.port, facility = DEFAULTS.facility, serverName, from } = draft
  const certificatePem = saidIn(draft.certificatePem)
  return {
    host,
    port: port ?? 6514,
    facility: facility ?? 13,
    serverName: saidIn(serverName),
    authorityPem: saidIn(draft.authorityPem),
    fromSequence: from,
    ...(certificatePem !== undefined && { certificatePem, privateKeyPem: key }),
  }
}

const saidIn = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : text)
