/** Batch device: a test device that follows its jobs, and answers as the test defines. */
import type { Batch } from '@skerry/contract/batches/batch'
import type { JobMessage, JobResult } from '@skerry/contract/batches/job'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { verifyBatch } from '@skerry/platform/signatures/batch-signature'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { vi } from 'vitest'
import type { TestHub } from './running-hub.ts'
import { openLink, reportOf, type TestDevice } from './test-device.ts'

export type BatchDevice = Disposable & {
  /** The next message to the device. */
  next(): Promise<JobMessage>
  /** The messages so far, without waiting. */
  heard: JobMessage[]
  done(job: JobMessage, result?: Partial<JobResult>): Promise<boolean>
}

const ALL_KINDS = ['collect-logs', 'run-diagnostics', 'reboot-agent']

/** Connects a device and follows its jobs. */
export async function followJobs(
  test: TestHub,
  device: TestDevice,
  kinds = ALL_KINDS,
  report: Partial<DeviceReport> = {},
): Promise<BatchDevice> {
  const link = await openLink(test, device)
  await link.client.report(reportOf(report))
  const stream = (await link.client.jobs({ kinds }))[Symbol.asyncIterator]()
  const heard: JobMessage[] = []
  return {
    heard,
    async next() {
      const { value } = await stream.next()
      heard.push(value as JobMessage)
      return value as JobMessage
    },
    async done({ batchId, attempt }, result = {}) {
      const { counted } = await link.client.jobDone({ batchId, attempt, outcome: 'succeeded', ...result })
      return counted
    },
    [Symbol.dispose]: () => link[Symbol.dispose](),
  }
}

/** The signed content of the job, after its signature has been verified. */
export function signedIn(test: TestHub, job: JobMessage) {
  if (job.kind !== 'do') throw new Error(`told to ${job.kind}`)
  const verdict = verifyBatch(job.envelope, [test.hub.signing.publicKeyPem])
  if (!verdict.ok) throw new Error(verdict.message)
  return { statement: verdict.statement, proof: job.proof }
}

type Refusal = { code: string; message: string }

/** A call about a batch; returns its answer, or the error. */
export const ask = async (test: TestHub, path: string, body: object = {}, key?: string) => {
  const options = { body, ...(key !== undefined && { key }) }
  return (await test.ask<Batch & Refusal>('POST', `/v1/batches${path}`, options)).body
}

export const show = async (test: TestHub, id: string) =>
  (await test.ask<Batch & { problems: unknown[] }>('GET', `/v1/batches/${id}`)).body

/** Creates, signs and sends a batch. */
export async function sent(test: TestHub, spec: object): Promise<Batch> {
  const { id } = await ask(test, '', spec)
  await ask(test, `/${id}/sign`)
  return ask(test, `/${id}/send`)
}

/** Waits until the batch fulfils the condition. */
export const batchOnce = (test: TestHub, id: string, isSo: (batch: Batch) => boolean): Promise<Batch> =>
  vi.waitFor(
    async () => {
      const batch = await show(test, id)
      if (!isSo(batch)) throw new Error(`the batch is ${batch.status}: ${JSON.stringify(batch.counts)}`)
      return batch
    },
    { timeout: PATIENCE_MS, interval: 20 },
  )
