/** JSON-RPC: the messages of the Model Context Protocol, one JSON object a line. [JSON-RPC 2.0; MCP 2025-06-18] */
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'

/** [JSON-RPC 2.0, section 5.1] The codes of errors in the protocol itself. */
export const rpcCodes = {
  parse: -32_700,
  request: -32_600,
  method: -32_601,
  params: -32_602,
} as const

/** [MCP 2025-06-18, Basic Protocol] Unlike JSON-RPC, an id is never null. */
const RpcId = z.union([z.string(), z.int()])
export type RpcId = z.infer<typeof RpcId>

const params = z.record(z.string(), z.unknown()).optional()
const RpcRequest = z.object({ jsonrpc: z.literal('2.0'), id: RpcId, method: z.string(), params })
const RpcNotification = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.undefined().optional(),
  method: z.string(),
  params,
})
/** This server sends no requests, so each answer of the client is to nothing. */
const RpcAnswer = z.object({ jsonrpc: z.literal('2.0'), id: RpcId, method: z.undefined().optional() })

export type RpcRequest = z.infer<typeof RpcRequest>
export type RpcNotification = z.infer<typeof RpcNotification>

export type RpcReply =
  | { jsonrpc: '2.0'; id: RpcId; result: unknown }
  | { jsonrpc: '2.0'; id: RpcId | null; error: { code: number; message: string } }

export type Incoming =
  | { kind: 'request'; request: RpcRequest }
  | { kind: 'notification'; notification: RpcNotification }
  | { kind: 'answer' }
  | { kind: 'invalid'; reply: RpcReply }

/** The value of one line; undefined if it is no JSON. */
export const parseLine = (line: string): unknown => parseJson(line)

/** The message in a value. */
export function readMessage(value: unknown): Incoming {
  const request = RpcRequest.safeParse(value)
  if (request.success) return { kind: 'request', request: request.data }
  const notification = RpcNotification.safeParse(value)
  if (notification.success) return { kind: 'notification', notification: notification.data }
  if (RpcAnswer.safeParse(value).success) return { kind: 'answer' }
  const id = z.object({ id: RpcId }).safeParse(value)
  return { kind: 'invalid', reply: rpcError(id.data?.id ?? null, 'request', 'this is no message of JSON-RPC 2.0') }
}

/** The answer to a request that succeeded. */
export const rpcResult = (id: RpcId, result: unknown): RpcReply => ({ jsonrpc: '2.0', id, result })

/** The answer to a request that breaks the protocol. */
export const rpcError = (id: RpcId | null, code: keyof typeof rpcCodes, message: string): RpcReply => ({
  jsonrpc: '2.0',
  id,
  error: { code: rpcCodes[code], message },
})
