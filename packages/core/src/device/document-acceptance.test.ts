import { DocumentMessage } from '@skerry/contract/devices/desired'
import { DeviceId } from '@skerry/contract/values/ids'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { judgeDocument } from './document-acceptance.ts'

const deviceId = DeviceId.parse('dev_aaaaaaaa')
const observed = { deviceId, generation: 5, digest: fakeDigest(5) }
const documentOf = (generation: number, content = generation, id: string = deviceId) =>
  DocumentMessage.parse({ v: 1, deviceId: id, generation, digest: fakeDigest(content), items: [] })
const judge = (document: DocumentMessage, digest = document.digest) => judgeDocument(observed, document, digest)

test('takes the first, and any newer one', () => {
  expect(judgeDocument({ deviceId, generation: 0 }, documentOf(1), fakeDigest(1))).toEqual({ kind: 'accept' })
  expect(judge(documentOf(9))).toEqual({ kind: 'accept' })
})

test('knows the one that it follows', () => {
  expect(judge(documentOf(5))).toEqual({ kind: 'known' })
})

test('refuses a lower generation, and an equal one with other content', () => {
  expect(judge(documentOf(4))).toMatchObject({ kind: 'refuse', cause: { code: 'generation_refused' } })
  expect(judge(documentOf(5, 6))).toMatchObject({ kind: 'refuse', cause: { code: 'generation_refused' } })
})

test('refuses what is for another device, or was changed on the way', () => {
  expect(judge(documentOf(9, 9, 'dev_bbbbbbbb'))).toMatchObject({ cause: { code: 'document_misdirected' } })
  expect(judge(documentOf(9), fakeDigest(8))).toMatchObject({ cause: { code: 'document_damaged' } })
})
