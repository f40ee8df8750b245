/** Site test: how many digits that no device trains on do the devices read right? A gate of a rollout can ask it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AgentProgram } from '../stage/fleet.ts'
import { CLASSES, type Digits, PIXELS } from './digits.ts'

export type SiteTest = Disposable & {
  url: string
  /** Its answers so far: the lowest share of right answers over all devices. */
  accuracies: readonly number[]
}

/** A webhook on this machine. It asks the model of each device over its inference endpoint. */
export async function openSiteTest(model: string, { images, labels }: Digits, agents: () => readonly AgentProgram[]) {
  const accuracies: number[] = []
  const x = Array.from(images, (value) => value / 255)
  const body = { inputs: [{ name: 'x', datatype: 'FP32', shape: [labels.length, PIXELS], data: x }] }
  const server = createServer(async (_request, response) => {
    const answers = await Promise.all(
      agents().map(({ restUrl }) => logitsOf(`${restUrl}/v2/models/${model}/infer`, body)),
    )
    const accuracy = Math.min(...answers.map((logits) => shareOf(logits, labels)))
    accuracies.push(accuracy)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ accuracy }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, accuracies, [Symbol.dispose]: () => void server.close() } satisfies SiteTest
}

async function logitsOf(url: string, body: object): Promise<number[]> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return ((await answer.json()) as { outputs: [{ data: number[] }] }).outputs[0].data
}

function shareOf(logits: readonly number[], labels: Uint8Array): number {
  const right = labels.filter((label, row) => {
    const scores = logits.slice(row * CLASSES, (row + 1) * CLASSES)
    return scores.indexOf(Math.max(...scores)) === label
  })
  return right.length / labels.length
}
