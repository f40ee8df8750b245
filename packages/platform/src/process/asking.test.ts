import { expect, test } from 'vitest'
import { type AnswerMessage, answerQuestion, createAsking, type QuestionMessage } from './asking.ts'

type Questions = {
  double: { question: number; answer: number }
  greet: { question: { name: string }; answer: string }
}

function stage(inFlightMax = 8) {
  const sent: QuestionMessage<Questions>[] = []
  const asking = createAsking<Questions>({ inFlightMax, send: (message) => void sent.push(message) })
  const answer = (id: number, said: number | string) => asking.answered({ kind: 'answer', id, answer: said })
  return { asking, sent, answer }
}

test('each question gets its own answer, whatever the order of the answers', async () => {
  const { asking, sent, answer } = stage()
  const asked = [asking.ask('double', 1), asking.ask('greet', { name: 'Ada' }), asking.ask('double', 3)]
  expect(sent.map(({ id, name }) => [id, name])).toEqual([
    [1, 'double'],
    [2, 'greet'],
    [3, 'double'],
  ])
  for (const [id, said] of [[3, 6] as const, [1, 2] as const, [2, 'hello'] as const]) answer(id, said)
  expect(await Promise.all(asked)).toEqual([2, 'hello', 6].map((said) => ({ ok: true, answer: said })))
  expect(asking.inFlight()).toBe(0)
})

test('questions settle in the order of their answers, within the turn of the answer', async () => {
  const { asking, answer } = stage()
  const order: number[] = []
  for (const value of [1, 2, 3]) void asking.ask('double', value).then(() => order.push(value))
  answer(2, 4)
  answer(1, 2)
  answer(3, 6)
  await Promise.resolve()
  expect(order).toEqual([2, 1, 3])
})

test('an answer after its time is dropped, and the next question has its own', async () => {
  const { asking, answer } = stage()
  expect(await asking.ask('double', 1, { timeoutMs: 1 })).toEqual({
    ok: false,
    code: 'answer_late',
    message: 'no answer within 1 ms',
  })
  const next = asking.ask('double', 2)
  answer(1, 2)
  expect(asking.inFlight()).toBe(1)
  answer(2, 4)
  answer(2, 5)
  expect(await next).toEqual({ ok: true, answer: 4 })
})

test('the end of the other side loses all open questions, and sends no later one', async () => {
  const { asking, sent, answer } = stage()
  const open = [asking.ask('double', 1), asking.ask('double', 2, { timeoutMs: 60_000 })]
  asking.end('its thread ended')
  const lost = { ok: false, code: 'answer_lost', message: 'its thread ended' }
  expect(await Promise.all(open)).toEqual([lost, lost])
  expect(await asking.ask('double', 3)).toEqual({ ok: false, code: 'asking_over', message: 'its thread ended' })
  answer(1, 2)
  expect([sent.length, asking.inFlight()]).toEqual([2, 0])
})

test('the first end says why', async () => {
  const { asking } = stage()
  asking.end('out of memory')
  asking.end('its thread ended')
  expect(await asking.ask('double', 1)).toMatchObject({ code: 'asking_over', message: 'out of memory' })
})

test('an abort takes the question back: its answer is dropped, and its place is free', async () => {
  const { asking, answer } = stage(1)
  const stop = new AbortController()
  const asked = asking.ask('double', 1, { signal: stop.signal, timeoutMs: 60_000 })
  stop.abort(new Error('the caller has left'))
  await expect(asked).rejects.toThrow('the caller has left')
  answer(1, 2)
  const next = asking.ask('double', 2)
  answer(2, 4)
  expect(await next).toEqual({ ok: true, answer: 4 })
})

test('a question whose signal has fired before is not sent', async () => {
  const { asking, sent } = stage()
  await expect(asking.ask('double', 1, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  expect([sent.length, asking.inFlight()]).toEqual([0, 0])
})

test('an abort after the answer changes nothing', async () => {
  const { asking, answer } = stage()
  const stop = new AbortController()
  const asked = asking.ask('double', 1, { signal: stop.signal })
  answer(1, 2)
  stop.abort()
  expect(await asked).toEqual({ ok: true, answer: 2 })
})

test('a question above the limit is not sent, and says so', async () => {
  const { asking, sent } = stage(2)
  const open = [asking.ask('double', 1), asking.ask('double', 2)]
  expect(await asking.ask('double', 3)).toEqual({
    ok: false,
    code: 'asking_full',
    message: '2 requests are waiting already',
  })
  expect(sent).toHaveLength(2)
  asking.end('over')
  await Promise.all(open)
})

test('a question that cannot be sent rejects with the cause, and holds no place', async () => {
  const asking = createAsking<Questions>({
    inFlightMax: 1,
    send() {
      throw new Error('could not be cloned')
    },
  })
  await expect(asking.ask('double', 1)).rejects.toThrow('could not be cloned')
  expect(asking.inFlight()).toBe(0)
})

test('memory moves with its question', () => {
  const moved: unknown[] = []
  const asking = createAsking<Questions>({ inFlightMax: 1, send: (_message, move) => void moved.push(...move) })
  const bytes = new ArrayBuffer(8)
  void asking.ask('double', 1, { move: [bytes] })
  expect(moved).toEqual([bytes])
})

test('the other end answers by name, and a fault of an answerer is its own', async () => {
  const sent: AnswerMessage<Questions>[] = []
  const answerers = {
    double: (value: number) => value * 2,
    async greet({ name }: { name: string }) {
      if (name === '') throw new Error('nobody to greet')
      return `hello ${name}`
    },
  }
  const reply = (message: QuestionMessage<Questions>) =>
    answerQuestion<Questions, keyof Questions>(answerers, message, (answer) => void sent.push(answer))
  await reply({ kind: 'question', id: 1, name: 'double', question: 4 })
  await reply({ kind: 'question', id: 2, name: 'greet', question: { name: 'Ada' } })
  await expect(reply({ kind: 'question', id: 3, name: 'greet', question: { name: '' } })).rejects.toThrow('nobody')
  expect(sent).toEqual([
    { kind: 'answer', id: 1, answer: 8 },
    { kind: 'answer', id: 2, answer: 'hello Ada' },
  ])
})
