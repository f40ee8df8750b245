/** DDI device: sends the requests that the updater of a device without an agent sends. */
import { Agent, request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { DdiToken } from '@skerry/contract/ddi/ddi-device'
import type { TestHub } from '../running-hub.ts'

export type Said = {
  status: number
  body: Record<string, unknown>
  bytes: Buffer
}

type Words = {
  /** The token of another device. */
  token?: string | undefined
  body?: unknown
  /** A body that is sent unchanged. */
  raw?: string
  headers?: Record<string, string>
  /** The address of the device: each has its own limit of guesses. */
  from?: string
}

export type DdiClient = Disposable & {
  /** `path` begins after the id of the device in it. */
  say(method: string, device: string, path?: string, words?: Words): Promise<Said>
}

/** A client of the DDI port. It sends the token of each device that it knows. */
export function openDdiClient({ hub }: TestHub, added: ReadonlyMap<string, DdiToken>): DdiClient {
  const agent = new Agent({ ca: hub.config.caPem, keepAlive: true })
  return {
    say(method, device, path = '', words = {}) {
      const { token = added.get(device)?.token, body, headers = {}, from } = words
      const raw = words.raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const sent: Record<string, string> = {
        ...(token !== undefined && { authorization: `TargetToken ${token}` }),
        ...(raw !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      }
      const url = `${hub.config.ddiUrl()}/default/controller/v1/${device}${path}`
      return new Promise((resolve, reject) => {
        const outgoing = request(
          url,
          { method, agent, headers: sent, ...(from && { localAddress: from }) },
          (answer) => {
            buffer(answer).then((bytes) => {
              const isJson = String(answer.headers['content-type']).startsWith('application/json')
              resolve({ status: answer.statusCode ?? 0, body: isJson ? JSON.parse(bytes.toString()) : {}, bytes })
            }, reject)
          },
        )
        outgoing.on('error', reject)
        outgoing.end(raw)
      })
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** A feedback of the device about its order. */
export const feedbackOf = (execution: string, finished = 'none', more: object = {}) => ({
  id: 1,
  status: { execution, result: { finished, ...more }, details: ['a line of the device'] },
})
