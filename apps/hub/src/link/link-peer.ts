/**
 * Link peer: answers the requests of one device in oRPC's own form. It stands in place of oRPC's peer, which creates a
 * controller, a queue, and an error with its stack for each request. No handler of the link waits for an abort, and no
 * request of a device is a stream.
 */
import { HibernationEventIterator } from '@orpc/server/hibernation'
import type { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer'
import {
  decodeRequestMessage,
  type EncodedMessage,
  encodeResponseMessage,
  MessageType,
} from '@orpc/standard-server-peer'

type LinkPeer = {
  /** Resolves when the answer is sent. Rejects if the message is malformed. */
  message(text: string): Promise<void>
  /** The connection has ended: no further answer is sent. */
  close(): void
}

type Answer = ReturnType<typeof createServerPeerHandleRequestFn>

/** `send` takes one message to the device. */
export function createLinkPeer(send: (message: EncodedMessage) => void, answer: Answer): LinkPeer {
  /** Requests that have no answer yet, and that the device still waits for. */
  const open = new Set<string>()
  return {
    async message(text) {
      const [id, type, payload] = await decodeRequestMessage(text)
      if (type === MessageType.ABORT_SIGNAL) return void open.delete(id)
      // A device sends no streams, and repeats no id while its request is open.
      if (type !== MessageType.REQUEST || open.has(id)) return undefined
      open.add(id)
      try {
        const response = await answer({ ...payload, signal: undefined })
        if (!open.has(id)) return undefined
        send(await encodeResponseMessage(id, MessageType.RESPONSE, response))
        if (response.body instanceof HibernationEventIterator) response.body.hibernationCallback?.(id)
      } finally {
        open.delete(id)
      }
      return undefined
    },
    close: () => open.clear(),
  }
}
