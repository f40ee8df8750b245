/** Link signature: the hub signs each message of a connection, and the device opens it. */

import {
  LINK_MESSAGE_LIFE_MS,
  LINK_MESSAGE_PAYLOAD_TYPE,
  LinkEnvelope,
  type LinkSession,
  LinkStatement,
  type SignedMessage,
} from '@skerry/contract/link/link-message'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type LinkMessageProblem, linkMessageProblem } from '@skerry/core/device/link-message-acceptance'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import * as z from 'zod'
import type { KeyPair } from '../certificates/private-key.ts'
import { digestOf } from '../files/hash.ts'
import { statementOpener, statementSigner } from './signed-statement.ts'

/** Wraps the next message of a stream. */
export type LinkSigner = <Message>(stream: string, message: Message) => SignedMessage<Message>

type Connection = { deviceId: DeviceId; session: LinkSession }

/** Signs for all connections of a hub; each has its own revisions. */
export function linkSigners(key: KeyPair, clock: { nowMs(): number }): (connection: Connection) => LinkSigner {
  const sign = statementSigner(LINK_MESSAGE_PAYLOAD_TYPE, key)
  return ({ deviceId, session }) => {
    let revision = 0
    return (stream, message) => {
      revision += 1
      const expiresAtMs = clock.nowMs() + LINK_MESSAGE_LIFE_MS
      const digest = digestOf(canonicalJson(message))
      const statement: LinkStatement = { v: 1, deviceId, stream, session, revision, expiresAtMs, digest }
      return { envelope: sign(statement), message }
    }
  }
}

export type OpenedMessage = { ok: true; message: unknown } | ({ ok: false } & LinkMessageProblem)

/** Opens the messages of one connection; `nowMs` is the hub's time as this connection said it. */
export type LinkOpener = (stream: string, offered: unknown, nowMs: number | undefined) => OpenedMessage

const Offered = z.object({ envelope: LinkEnvelope, message: z.unknown() })

export function linkOpener({ deviceId, session }: Connection, trustedKeys: readonly string[]): LinkOpener {
  const openStatement = statementOpener(LINK_MESSAGE_PAYLOAD_TYPE, trustedKeys)
  const revisions = new Map<string, number>()
  return (stream, offered, nowMs) => {
    const parsed = Offered.safeParse(offered)
    if (!parsed.success) return unproved('it carries no signature')
    const { envelope, message } = parsed.data
    const opened = openStatement(envelope)
    if (!opened.ok) return unproved(opened.message)
    const statement = LinkStatement.safeParse(opened.statement)
    if (!statement.success) return unproved('this agent cannot read what was signed; update the agent')
    const revision = revisions.get(stream) ?? 0
    const digest = digestOf(canonicalJson(message))
    const problem = linkMessageProblem(statement.data, { deviceId, stream, session, revision, nowMs, digest })
    if (problem) return { ok: false, ...problem }
    revisions.set(stream, statement.data.revision)
    return { ok: true, message }
  }
}

const unproved = (why: string): OpenedMessage => ({ ok: false, kind: 'unproved', why })
