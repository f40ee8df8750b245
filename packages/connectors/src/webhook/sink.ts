/** Webhook sink: posts each batch as JSON lines, signed where that is asked for. Over HTTP nothing is open between two requests. */
import { createHmac } from 'node:crypto'
import type { OpenSink } from '@skerry/connectors/sink'
import { postToSink } from '@skerry/connectors/sink-http'
import { sinkLines } from '@skerry/connectors/sink-line'
import { secretFor } from '@skerry/connectors/sink-secret'
import type { WebhookSink } from '@skerry/contract/sinks/sink'
import { sinkValueId } from '@skerry/contract/sinks/sink-value'

export const openWebhook: OpenSink<WebhookSink> = async ({ connection }, deps, signal) => {
  signal.throwIfAborted()
  const { url, timeoutMs, bearer, signature } = connection
  const headers = {
    ...connection.headers,
    'content-type': 'application/x-ndjson',
    'user-agent': 'skerry',
    ...(bearer ? { authorization: `Bearer ${secretFor(bearer, deps)}` } : {}),
  }
  const key = signature ? secretFor(signature, deps) : undefined
  return {
    async send(batch, sending) {
      const body = sinkLines(batch)
      // [draft-ietf-httpapi-idempotency-key-header] The same batch has the same key; split, each part has its own.
      const idempotency = `${sinkValueId(batch, batch.first)}+${batch.values.length}`
      const signed = key === undefined ? {} : { 'x-skerry-signature': `sha256=${hmacOf(key, body)}` }
      const request = {
        url,
        body,
        timeoutMs,
        headers: { ...headers, 'idempotency-key': `"${idempotency}"`, ...signed },
      }
      return postToSink(request, sending)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const hmacOf = (key: string, body: string) => createHmac('sha256', key).update(body).digest('hex')
