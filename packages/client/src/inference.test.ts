import { expect, test } from 'vitest'
import { infer, modelMetadata, parseExact, stringifyExact } from './inference.ts'

const never = new AbortController().signal

function answering(body: string, init: ResponseInit = {}) {
  const seen: { url: string; body: string }[] = []
  const fetch = async (input: string | URL | Request, request?: RequestInit) => {
    seen.push({ url: String(input), body: String(request?.body ?? '') })
    return new Response(body, init)
  }
  return { seen, fetch }
}

const address = { url: 'http://127.0.0.1:8500', model: 'anomaly' }

test('integers beyond 2^53 stay exact in both directions', async () => {
  const { seen, fetch } = answering(
    '{"model_name":"anomaly","outputs":[{"name":"y","datatype":"INT64","shape":[2],"data":[9007199254740993,-1]}]}',
  )
  const inputs = [{ name: 'x', datatype: 'INT64' as const, shape: [1], data: [9_007_199_254_740_993n] }]
  const reply = await infer({ ...address, fetch }, inputs, never)
  expect(reply.outputs[0]?.data).toEqual([9_007_199_254_740_993n, -1])
  expect(seen).toEqual([
    {
      url: 'http://127.0.0.1:8500/v2/models/anomaly/infer',
      body: '{"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[9007199254740993]}]}',
    },
  ])
})

test('a version is requested by its path', async () => {
  const { seen, fetch } = answering('{"name":"anomaly","platform":"onnx_onnxv1","inputs":[],"outputs":[]}')
  await modelMetadata({ ...address, version: '2', fetch }, never)
  expect(seen[0]?.url).toBe('http://127.0.0.1:8500/v2/models/anomaly/versions/2')
})

test('an inference error keeps the message of the server and its retry delay', async () => {
  const { fetch } = answering('{"error":"the queue is full"}', { status: 429, headers: { 'retry-after': '1' } })
  await expect(infer({ ...address, fetch }, [], never)).rejects.toMatchObject({
    problem: { code: 'inference_refused', status: 429, message: 'the queue is full', data: { retryAfterSeconds: 1 } },
  })
})

test.each([
  ['a page', '<html>', 200, 'answer_invalid'],
  ['another protocol', '{"predictions":[]}', 200, 'answer_invalid'],
  ['an error page', '<html>', 404, 'inference_refused'],
])('%s is not accepted as a reply', async (_what, body, status, code) => {
  const { fetch } = answering(body, { status })
  await expect(infer({ ...address, fetch }, [], never)).rejects.toMatchObject({ problem: { code } })
})

test('the exact parser accepts only JSON, and keeps large integers and negative zero', () => {
  expect(parseExact('{')).toBeUndefined()
  expect(parseExact('[1e400, 1.5, 12345678901234567890]')).toEqual([
    Number.POSITIVE_INFINITY,
    1.5,
    12_345_678_901_234_567_890n,
  ])
  expect(stringifyExact({ a: [1n, 1.5, null] })).toBe('{"a":[1,1.5,null]}')
  expect(stringifyExact([-0, 0])).toBe('[-0.0,0]')
  expect(parseExact('[-0.0,-0,0]')).toEqual([-0, -0, 0])
})
