/** Hostile device: sends updates of its own making, with the certificate of a device that has joined. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { REPORT_HEADER } from '@skerry/contract/campaigns/update'

export type HostileUpdate = { campaign: string; round: number; attempt?: number; weights: Float32Array; rows?: number }

/** Sends the update as the device of the data folder; the answer of the hub. */
export async function sendAsDevice(data: string, update: HostileUpdate): Promise<{ status: number; text: string }> {
  const { hub, certificate, ca } = JSON.parse(await readFile(join(data, 'identity.json'), 'utf8'))
  const key = await readFile(join(data, 'device-key.pem'), 'utf8')
  const { campaign, round, attempt = 1, weights, rows = 100 } = update
  const bytes = Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const report = { kind: 'trained', rows, digest, before: { rows: 0, correct: 0, lossSum: 0 } }
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': bytes.byteLength,
    [REPORT_HEADER]: Buffer.from(JSON.stringify(report)).toString('base64url'),
  }
  const url = new URL(`/v1/campaign-updates/${campaign}/${round}/${attempt}`, hub)
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', cert: certificate, key, ca, headers, agent: false }, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve({ status: answer.statusCode ?? 0, text })
    })
    sent.on('error', reject)
    sent.end(bytes)
  })
}
