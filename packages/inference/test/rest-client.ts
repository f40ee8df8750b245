/** The requests of the REST tests to a server, and the reading of its answers. */

export type Reply = { status: number; headers: Headers; body: unknown }

/** A client of the server on the port that `port` gives once it is known. */
export function restClient(port: () => number) {
  const url = (path: string) => `http://127.0.0.1:${port()}${path}`

  async function call(path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(url(path), init)
    const text = await response.text()
    const isJson = text !== '' && response.headers.get('content-type') === 'application/json'
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

  /** JSON and the bytes of binary tensors behind it, as the extension has them. */
  function binaryCall(path: string, json: unknown, binary: Uint8Array, headerLength?: number | string) {
    const head = Buffer.from(JSON.stringify(json))
    const headers = { 'Inference-Header-Content-Length': String(headerLength ?? head.length) }
    return call(path, { method: 'POST', headers, body: Buffer.concat([head, binary]) })
  }

  /** A body that is one tensor's bytes and nothing else. */
  async function rawCall(path: string, body: Uint8Array<ArrayBuffer>) {
    const headers = { 'Inference-Header-Content-Length': '0' }
    const response = await fetch(url(path), { method: 'POST', headers, body })
    const bytes = Buffer.from(await response.arrayBuffer())
    const jsonLength = Number(response.headers.get('inference-header-content-length') ?? bytes.length)
    return {
      status: response.status,
      json: JSON.parse(bytes.toString('utf8', 0, jsonLength)),
      binary: bytes.subarray(jsonLength),
    }
  }

  return { call, post, binaryCall, rawCall }
}

/** An input of the times-2 model, with some fields changed. */
export const inputX = (changed: object = {}) => ({
  name: 'x',
  shape: [1, 2],
  datatype: 'FP32',
  data: [1, 2],
  ...changed,
})
