/** Remote model: a model that a server on this device answers for, over the Open Inference Protocol (REST). */
import type { Signature } from '../seat/session.ts'

export type RemoteModel = {
  host: string
  port: number
  /** The name of the model in the server. */
  model: string
  /** The server accepts tensors as bytes after the JSON. */
  isBinary: boolean
  /** A longer silence of the server ends the request. */
  timeoutMs: number
  /** The tensors that the version declares. */
  signature: Signature
}

/** Words at the beginning of a refusal: the server is away, and it says nothing about the version. */
const AWAY = 'the server of the model is away'

export const awayMessage = (reason: string): string => `${AWAY}: ${reason}`

/** Whether a load failed because the server is away. */
export const isServerAway = (answer: { ok: boolean; message?: string }): boolean =>
  !answer.ok && answer.message?.includes(AWAY) === true
